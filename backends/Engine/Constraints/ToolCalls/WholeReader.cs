using System.Text;

namespace Gateway.Engine.Constraints.ToolCalls;

/// <summary>An object between two fixed texts.</summary>
internal sealed class WholeReader(string before, string after) : ArgumentReader
{
    private readonly JsonReader inner = new();
    private bool begun = before.Length == 0;

    public override int Read(ReadOnlySpan<char> text, StringBuilder json)
    {
        var read = 0;
        if (!begun)
        {
            if (text.Length < before.Length) return 0;
            (begun, read) = (true, before.Length);
        }

        if (!inner.Done) read += inner.Read(text[read..], json);
        if (!inner.Done || text.Length - read < after.Length) return read;
        Done = true;
        return read + after.Length;
    }
}
