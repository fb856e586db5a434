using System.Text;
using Gateway.Engine.Backend;
using Gateway.Worker.Generation;
using Gateway.Worker.Tools;

namespace Gateway.Worker.Chat;

/// <summary>One choice of a chat answer while it is made: pieces in, reasoning and content out.</summary>
internal sealed class ChatChoice(Thinking? thinking, ToolSet? tools)
{
    private readonly ReasoningSplitter? splitter = thinking is null ? null : new ReasoningSplitter(thinking);
    private readonly ToolCallSplitter? callSplitter = tools?.Shown is null ? null : new ToolCallSplitter(tools.Form);
    private readonly Queue<AnswerToken> pending = new(); // tokens of which it is open what they belong to
    private readonly StringBuilder reasoning = new();
    private readonly StringBuilder content = new();
    private readonly Likelihood likelihood = new();

    public bool Opened { get; set; }

    public string Reasoning => reasoning.ToString();

    public string Content => content.ToString();

    public List<AnswerToken> Scores { get; } = [];

    public List<int> Ids { get; } = [];

    public List<ChatToolCall> Calls { get; } = [];

    /// <summary>Why it ended, as the wire spells it.</summary>
    public string? FinishName => Finish == FinishReason.Stop && callSplitter is { Complete: > 0 } ? "tool_calls" : FinishNames.Of(Finish);

    public FinishReason? Finish { get; private set; }

    public double Likelihood => likelihood.Mean;

    /// <summary>Takes a piece in; what it adds is returned and kept.</summary>
    public ChatPart Take(Piece piece, UsageCount usage)
    {
        var last = piece.Finish is not null;
        var (thought, said) = splitter?.Append(piece.Text, last) ?? ("", piece.Text);
        List<ToolCallPart> parts = [];
        if (callSplitter is not null) (said, parts) = callSplitter.Append(said, last);
        foreach (var call in parts)
        {
            if (call.Name is { } name) Calls.Add(new ChatToolCall(name));
            Calls[^1].Arguments.Append(call.Arguments);
        }

        likelihood.Add(piece.Released);
        foreach (var token in piece.Released) pending.Enqueue(token);
        var part = new ChatPart(thought, said, [], [.. piece.Released.Select(token => token.Id)]) { Calls = parts };
        while (pending.TryPeek(out var token) && Belongs(token, last) is { } isContent)
        {
            pending.Dequeue();
            if (isContent) part.Scores.Add(token);
            else usage.AddReasoning(1);
        }

        reasoning.Append(thought);
        content.Append(said);
        Scores.AddRange(part.Scores);
        Ids.AddRange(part.Ids);
        Finish = piece.Finish ?? Finish;
        return part;
    }

    // True for content, false for reasoning, null while that is open. The end token stands after everything.
    private bool? Belongs(AnswerToken token, bool last)
    {
        if (splitter is null || splitter.ContentStart == 0 || token.Start == int.MaxValue) return true;
        if (splitter.ContentStart is { } start) return token.End > start;
        return token.End <= splitter.Reasoned || last ? false : null;
    }
}
