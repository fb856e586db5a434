using System.Text;

namespace Gateway.Engine.Constraints.ToolCalls;

/// <summary>An object ends with the brace that closes it, strings apart.</summary>
internal sealed class JsonReader : ArgumentReader
{
    private readonly Nesting nesting = new();

    public override int Read(ReadOnlySpan<char> text, StringBuilder json)
    {
        var at = 0;
        while (at < text.Length && !Done)
        {
            var c = text[at++];
            nesting.Read(c);
            json.Append(c);
            Done = nesting.Depth == 0 && c == '}';
        }

        return at;
    }
}
