using System.Text;
using Gateway.Configuration;

namespace Gateway.Models;

/// <summary>Fields that a model gives to requests, as JSON text.</summary>
/// <param name="Defaults">Where the request has none, or null.</param>
/// <param name="Overrides">In place of the request's own.</param>
internal sealed record FieldEdits(IReadOnlyList<(byte[] Name, byte[] Value)> Defaults, IReadOnlyList<(byte[] Name, byte[] Value)> Overrides)
{
    private static readonly FieldEdits None = new([], []);

    public bool Any => Defaults.Count + Overrides.Count > 0;

    public static FieldEdits Of(ModelOptions options) => options.Defaults.Count + options.Overrides.Count == 0 ? None : new(
        [.. options.Defaults.Where(entry => !options.Overrides.ContainsKey(entry.Key)).Select(entry => (Encoding.UTF8.GetBytes(entry.Key), Encoding.UTF8.GetBytes(entry.Value.GetRawText())))],
        [.. options.Overrides.Select(entry => (Encoding.UTF8.GetBytes(entry.Key), Encoding.UTF8.GetBytes(entry.Value.GetRawText())))]);
}
