using System.Text.RegularExpressions;

namespace Gateway.Pulling;

/// <summary>A model on a hub: <c>[hf:]org/name[@revision][:file]</c>.</summary>
/// <param name="Repository"><c>org/name</c>; a few old ones have no organisation.</param>
/// <param name="Revision">A branch, a tag or a commit.</param>
/// <param name="File">Which of its files or quantizations, or null for the usual.</param>
public sealed partial record ModelReference(string Repository, string Revision, string? File)
{
    /// <summary>Marks a reference where a path could stand as well.</summary>
    public const string Scheme = "hf:";

    /// <summary>The folder that it is pulled into; one of several quantizations has a folder of its own.</summary>
    public string FolderName => Repository[(Repository.IndexOf('/') + 1)..] + (File is null ? "" : "-" + Unfit().Replace(File, "-").Trim('-', '.'));

    /// <summary>Whether a setting names a model on a hub and not a path.</summary>
    public static bool IsReference(string path) => path.StartsWith(Scheme, StringComparison.Ordinal);

    /// <exception cref="PullException">The text is no reference.</exception>
    public static ModelReference Parse(string text)
    {
        var match = Pattern().Match(IsReference(text) ? text[Scheme.Length..] : text);
        if (!match.Success || match.Groups["name"].Value.Contains("..", StringComparison.Ordinal) || match.Groups["revision"].Value.Contains("..", StringComparison.Ordinal))
            throw new PullException($"'{text}' is no model on a hub; write org/name, org/name@revision or org/name:file");
        return new ModelReference(match.Groups["name"].Value, Or("revision") ?? "main", Or("file"));

        string? Or(string group) => match.Groups[group] is { Success: true, Value: var value } ? value : null;
    }

    /// <inheritdoc/>
    public override string ToString() => Repository + (Revision == "main" ? "" : "@" + Revision) + (File is null ? "" : ":" + File);

    [GeneratedRegex(@"[^A-Za-z0-9._-]+|\.\.+")]
    private static partial Regex Unfit();

    // The hub's own rule for names: letters, digits, '-', '_' and '.', at most 96 of them, not starting or ending in '-' or '.'.
    [GeneratedRegex(@"^(?<name>([A-Za-z0-9_][\w.-]{0,94}/)?[A-Za-z0-9_]([A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?)(@(?<revision>[\w./-]{1,200}))?(:(?<file>[^:/][^:]{0,500}))?$", RegexOptions.ECMAScript)]
    private static partial Regex Pattern();
}
