namespace Gateway.Worker.Requests;

/// <summary>
/// Tells the caller which fields were accepted and not understood: clients send vendors' extras, and a misspelt name should be findable.
/// </summary>
internal static class IgnoredFields
{
    public const string Header = "x-gateway-ignored-fields";
    private const int MaxNames = 20;
    private const int MaxLength = 64; // characters of a name, escaped

    public static void Report(HttpResponse response, JsonFields fields)
    {
        var names = fields.Unknown().ToList();
        if (names.Count == 0) return;
        // Escaped, because a name may hold anything and a header may not.
        var shown = names.Take(MaxNames).Select(name => Uri.EscapeDataString(name.Length <= MaxLength ? name : name[..(char.IsHighSurrogate(name[MaxLength - 1]) ? MaxLength - 1 : MaxLength)]))
            .Select(name => name.Length <= MaxLength ? name : name[..MaxLength]);
        response.Headers[Header] = string.Join(", ", shown) + (names.Count > MaxNames ? $", +{names.Count - MaxNames}" : "");
    }
}
