namespace Gateway.Protocol.Chat;

/// <summary>A tool that takes text as its input.</summary>
/// <param name="Name">At most 64 of <c>[A-Za-z0-9_-]</c>.</param>
public sealed record CustomTool(string Name)
{
    /// <summary>When to call it.</summary>
    public string? Description { get; init; }

    /// <summary>What the input has to be; any text without it.</summary>
    public CustomToolFormat? Format { get; init; }
}

/// <summary>What the input of a custom tool has to be.</summary>
/// <param name="Type"><c>text</c> or <c>grammar</c>.</param>
public sealed record CustomToolFormat(string Type)
{
    /// <summary>Of the type <c>grammar</c>.</summary>
    public CustomToolGrammar? Grammar { get; init; }

    /// <summary>Words of a grammar.</summary>
    public static CustomToolFormat Lark(string definition) => new("grammar") { Grammar = new CustomToolGrammar("lark", definition) };

    /// <summary>Texts that a regular expression matches.</summary>
    public static CustomToolFormat Regex(string definition) => new("grammar") { Grammar = new CustomToolGrammar("regex", definition) };
}

/// <summary>A grammar.</summary>
/// <param name="Syntax"><c>lark</c> or <c>regex</c>.</param>
/// <param name="Definition">The grammar itself.</param>
public sealed record CustomToolGrammar(string Syntax, string Definition);
