using Gateway.Engine.Constraints.Patterns;

namespace Gateway.Engine.Constraints.Grammars;

/// <summary>
/// The terminals that grammars import from Lark's module <c>common</c>. Strings and comments end at the first place where they can, so
/// that no text counts as one that a reader would divide differently.
/// </summary>
internal static class CommonTerminals
{
    private const string Decimal = @"(?:[0-9]+\.[0-9]*|\.[0-9]+)";
    private const string Float = $@"(?:[0-9]+[eE][+-]?[0-9]+|{Decimal}(?:[eE][+-]?[0-9]+)?)";

    private static readonly Dictionary<string, string> Patterns = new()
    {
        ["DIGIT"] = "[0-9]",
        ["HEXDIGIT"] = "[a-fA-F0-9]",
        ["INT"] = "[0-9]+",
        ["SIGNED_INT"] = "[+-]?[0-9]+",
        ["DECIMAL"] = Decimal,
        ["FLOAT"] = Float,
        ["SIGNED_FLOAT"] = $"[+-]?{Float}",
        ["NUMBER"] = $"(?:{Float}|[0-9]+)",
        ["SIGNED_NUMBER"] = $"[+-]?(?:{Float}|[0-9]+)",
        ["ESCAPED_STRING"] = """
            "(?:[^"\\\n\r]|\\[^\n\r])*"
            """,
        ["LCASE_LETTER"] = "[a-z]",
        ["UCASE_LETTER"] = "[A-Z]",
        ["LETTER"] = "[A-Za-z]",
        ["WORD"] = "[A-Za-z]+",
        ["CNAME"] = "[_A-Za-z][_A-Za-z0-9]*",
        ["WS_INLINE"] = "[ \\t]+",
        ["WS"] = "[ \\t\\f\\r\\n]+",
        ["CR"] = "\\r",
        ["LF"] = "\\n",
        ["NEWLINE"] = "(?:\\r?\\n)+",
        ["SH_COMMENT"] = "#[^\\n]*",
        ["CPP_COMMENT"] = "//[^\\n]*",
        ["SQL_COMMENT"] = "--[^\\n]*",
        ["C_COMMENT"] = @"/\*[^*]*\*+(?:[^*/][^*]*\*+)*/",
    };

    public static Expression? Find(string name) => Patterns.TryGetValue(name, out var pattern) ? new Expression.Matched(PatternParser.Parse(pattern)) : null;
}
