using Gateway.Engine.Constraints.ToolCalls;

namespace Gateway.Worker.Chat;

/// <summary>How one answer's reasoning is marked.</summary>
/// <param name="Tags">The family's marks.</param>
/// <param name="Begun">Whether the prompt ends inside the reasoning, because the template opened it.</param>
internal sealed record Thinking(ReasoningTags Tags, bool Begun)
{
    /// <summary>The same as grammars know it.</summary>
    public ThoughtForm Form => new(Tags.Open, Tags.Close, Tags.Headers, Begun);

    /// <summary>The state at the end of a rendered prompt.</summary>
    public static Thinking After(string prompt, ReasoningTags tags) =>
        new(tags, prompt.LastIndexOf(tags.Open, StringComparison.Ordinal) is var open and >= 0
            && prompt.IndexOf(tags.Close, open, StringComparison.Ordinal) < 0
            && prompt.AsSpan(open + tags.Open.Length).Trim().IsEmpty);
}
