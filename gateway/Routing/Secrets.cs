using System.Buffers;

namespace Gateway.Routing;

/// <summary>Texts that callers must not see, keys and addresses of upstreams, and what stands in their place. Looked for without regard to case.</summary>
public sealed class Secrets
{
    /// <summary>Nothing to hide.</summary>
    public static readonly Secrets None = new([]);

    private readonly SearchValues<string> any;

    /// <param name="all">In any order; the longest is replaced first, for an address holds its host.</param>
    public Secrets(IEnumerable<Secret> all)
    {
        All = [.. all.Distinct().OrderByDescending(static secret => secret.Text.Length)];
        any = SearchValues.Create([.. All.Select(static secret => secret.Text)], StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Each of them.</summary>
    public IReadOnlyList<Secret> All { get; }

    /// <summary>Whether a text holds one.</summary>
    public bool AreIn(ReadOnlySpan<char> text) => All.Count > 0 && text.ContainsAny(any);

    /// <summary>The text without them.</summary>
    public string Redact(string text)
    {
        if (!AreIn(text)) return text;
        foreach (var (secret, instead, _) in All) text = text.Replace(secret, instead, StringComparison.OrdinalIgnoreCase);
        return text;
    }
}

/// <summary>A text to hide.</summary>
/// <param name="Text">What must not be seen.</param>
/// <param name="Instead">What is seen in its place.</param>
/// <param name="IsWord">A bare host name, which may be a word of what another upstream says.</param>
public sealed record Secret(string Text, string Instead, bool IsWord = false);
