using System.Text.Json;

namespace Gateway.Pulling;

/// <summary>What a pulled folder says of itself, in a hidden file of its own.</summary>
/// <param name="Repository">Where it came from.</param>
/// <param name="Revision">What was asked for.</param>
/// <param name="Commit">What that was then.</param>
/// <param name="Asked">The files that were asked for; empty for the usual.</param>
/// <param name="Digests">By path.</param>
internal sealed record PulledModel(string Repository, string Revision, string Commit, IReadOnlyList<string> Asked, IReadOnlyDictionary<string, string> Digests)
{
    private const string FileName = ".pulled.json";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Null where the folder does not exist or was not pulled.</summary>
    public static PulledModel? Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<PulledModel>(File.ReadAllText(file)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public void Write(string folder) => File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Indented));

    /// <summary>Whether it holds what is asked for now, whatever the revision has become on the hub since.</summary>
    public bool Answers(ModelReference model, IReadOnlyList<string> asked) =>
        (Repository, Revision) == (model.Repository, model.Revision) && Asked.Order(StringComparer.Ordinal).SequenceEqual(asked.Order(StringComparer.Ordinal));
}
