namespace Gateway.Engine.Constraints.ToolCalls;

/// <summary>How deep in brackets a JSON text is, and whether in a string. One owner.</summary>
internal sealed class Nesting
{
    private bool escaped;

    public int Depth { get; private set; }

    /// <summary>Whether the next character is part of a string, or ends one.</summary>
    public bool InText { get; private set; }

    public void Read(char c)
    {
        if (InText)
        {
            if (escaped) escaped = false;
            else if (c == '\\') escaped = true;
            else if (c == '"') InText = false;
        }
        else if (c == '"') InText = true;
        else if (c is '{' or '[') Depth++;
        else if (c is '}' or ']') Depth--;
    }
}
