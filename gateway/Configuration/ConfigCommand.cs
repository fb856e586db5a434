using System.Text.Json;
using Gateway.Storage;

namespace Gateway.Configuration;

/// <summary><c>gateway config show</c>: the effective values, secrets hidden.</summary>
internal static class ConfigCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Show(GatewayOptions options) => Console.WriteLine(Text(options));

    internal static string Text(GatewayOptions options) => JsonSerializer.Serialize(new { Gateway = options with { Database = DatabaseAddress.Shown(options.Database) } }, Indented);
}
