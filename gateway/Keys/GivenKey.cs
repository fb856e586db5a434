namespace Gateway.Keys;

/// <summary>Where a request carries its key: as a bearer token, or in the headers that Azure's and Anthropic's clients use.</summary>
internal static class GivenKey
{
    private const string Scheme = "Bearer ";
    private const int LeastShown = 20;
    private const int MostShown = 64;

    /// <summary>Empty where there is none.</summary>
    public static ReadOnlySpan<char> Of(IHeaderDictionary headers)
    {
        var authorization = headers.Authorization;
        if (authorization.Count == 1 && authorization[0].AsSpan() is var text && text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return text[Scheme.Length..].Trim();
        if (authorization.Count > 0) return default; // several, or of another kind: none of ours
        if (headers.TryGetValue("api-key", out var key) || headers.TryGetValue("x-api-key", out key)) return key.Count == 1 ? key[0].AsSpan().Trim() : default;
        return default;
    }

    /// <summary>For an error's text: what its owner recognises, and nobody can use. A short one is hidden whole.</summary>
    public static string Masked(ReadOnlySpan<char> key) => key.Length < LeastShown
        ? new string('*', key.Length)
        : string.Concat(key[..8], new string('*', Math.Min(key.Length, MostShown) - 12), key[^4..]);
}
