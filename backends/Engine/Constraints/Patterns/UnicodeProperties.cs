namespace Gateway.Engine.Constraints.Patterns;

/// <summary>What stands between the braces of <c>\p{…}</c>, as ECMA-262 names it.</summary>
internal static class UnicodeProperties
{
    private static readonly Dictionary<string, string> Categories = new()
    {
        ["Cased_Letter"] = "LC",
        ["Close_Punctuation"] = "Pe",
        ["Connector_Punctuation"] = "Pc",
        ["Control"] = "Cc",
        ["cntrl"] = "Cc",
        ["Currency_Symbol"] = "Sc",
        ["Dash_Punctuation"] = "Pd",
        ["Decimal_Number"] = "Nd",
        ["digit"] = "Nd",
        ["Enclosing_Mark"] = "Me",
        ["Final_Punctuation"] = "Pf",
        ["Format"] = "Cf",
        ["Initial_Punctuation"] = "Pi",
        ["Letter"] = "L",
        ["Letter_Number"] = "Nl",
        ["Line_Separator"] = "Zl",
        ["Lowercase_Letter"] = "Ll",
        ["Mark"] = "M",
        ["Combining_Mark"] = "M",
        ["Math_Symbol"] = "Sm",
        ["Modifier_Letter"] = "Lm",
        ["Modifier_Symbol"] = "Sk",
        ["Nonspacing_Mark"] = "Mn",
        ["Number"] = "N",
        ["Open_Punctuation"] = "Ps",
        ["Other"] = "C",
        ["Other_Letter"] = "Lo",
        ["Other_Number"] = "No",
        ["Other_Punctuation"] = "Po",
        ["Other_Symbol"] = "So",
        ["Paragraph_Separator"] = "Zp",
        ["Private_Use"] = "Co",
        ["Punctuation"] = "P",
        ["punct"] = "P",
        ["Separator"] = "Z",
        ["Space_Separator"] = "Zs",
        ["Spacing_Mark"] = "Mc",
        ["Symbol"] = "S",
        ["Titlecase_Letter"] = "Lt",
        ["Unassigned"] = "Cn",
        ["Uppercase_Letter"] = "Lu",
    };

    /// <summary>The ranges, or null for a property that is not known here.</summary>
    public static IReadOnlyList<CodeRange>? Of(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0) return Binary(text) ?? Category(text);
        var value = text[(equals + 1)..];
        return text[..equals] switch
        {
            "General_Category" or "gc" => Category(value),
            "Script" or "sc" => UnicodeScripts.Of(value),
            _ => null,
        };
    }

    private static List<CodeRange>? Category(string name) => UnicodeCategories.Of(Categories.GetValueOrDefault(name, name));

    private static IReadOnlyList<CodeRange>? Binary(string name) => name switch
    {
        "Any" => CodeRanges.All,
        "ASCII" => [new(0, 0x7F)],
        "Assigned" => CodeRanges.Not(UnicodeCategories.Union("Cn")),
        "ASCII_Hex_Digit" or "AHex" => [new('0', '9'), new('A', 'F'), new('a', 'f')],
        "White_Space" or "space" => CodeRanges.Normal([new(9, 13), new(0x85, 0x85), .. UnicodeCategories.Union("Zs", "Zl", "Zp")]),
        _ => null,
    };
}
