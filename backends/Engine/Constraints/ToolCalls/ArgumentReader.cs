using System.Text;

namespace Gateway.Engine.Constraints.ToolCalls;

/// <summary>Reads the arguments of one call as they come and gives them as the text of a JSON object. One owner.</summary>
internal abstract class ArgumentReader
{
    /// <summary>Whether they are whole.</summary>
    public bool Done { get; protected set; }

    /// <summary>Reads as much as is certain; returns how many characters that is.</summary>
    public abstract int Read(ReadOnlySpan<char> text, StringBuilder json);

    public static ArgumentReader Of(ArgumentStyle style, ArgumentList? list) => style switch
    {
        ArgumentStyle.Json => new JsonReader(),
        ArgumentStyle.Python when list is null => new WholeReader("**", ""),
        ArgumentStyle.Python => new PythonReader(),
        _ when list is null => new WholeReader("", "\n"),
        _ => new TaggedReader(list),
    };
}
