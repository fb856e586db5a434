namespace Gateway.Engine.Constraints.Grammars;

/// <summary>Names in Lark's notation: rules are lower-case, terminals upper-case.</summary>
internal static class LarkNames
{
    public static string Read(TextCursor cursor) => cursor.While(static c => char.IsAsciiLetterOrDigit(c) || c == '_');

    public static bool IsTerminal(string name) => name.TrimStart('_') is [var first, ..] && char.IsAsciiLetterUpper(first);
}
