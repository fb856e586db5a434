using System.Text;
using Gateway.Engine.Backend;
using Gateway.Engine.Constraints.ToolCalls;
using Gateway.Worker.Generation;
using Gateway.Worker.Tools;

namespace Gateway.Worker.Chat;

/// <summary>One choice of a chat answer while it is made: pieces in, reasoning, content and calls out.</summary>
internal sealed class ChatChoice(ChatCall call)
{
    private readonly ReasoningSplitter? splitter = call.Thinking is { } thinking ? new ReasoningSplitter(thinking) : null;
    private readonly ToolCallSplitter? callSplitter = call.Plan?.Splitter();
    private readonly Queue<AnswerToken> pending = new(); // tokens of which it is open what they belong to
    private readonly StringBuilder reasoning = new();
    private readonly StringBuilder content = new();
    private readonly Likelihood likelihood = new();

    public bool Opened { get; set; }

    public string Reasoning => reasoning.ToString();

    public string Content => content.ToString();

    public List<AnswerToken> Scores { get; } = [];

    public List<int> Ids { get; } = [];

    /// <summary>Of <see cref="Ids"/>, those that no chunk has carried.</summary>
    public List<int> Unsent { get; } = [];

    public List<ChatToolCall> Calls { get; } = [];

    /// <summary>Why it ended, as the wire spells it: a call that was asked for by name is no reason of its own.</summary>
    public string? FinishName => Finish == FinishReason.Stop && Calls.Count > 0 && call.Tools is { } tools
        ? tools.Legacy ? "function_call" : tools.Mode == ToolMode.Named ? "stop" : "tool_calls"
        : FinishNames.Of(Finish);

    public FinishReason? Finish { get; private set; }

    public double Likelihood => likelihood.Mean;

    /// <summary>Takes a piece in; what it adds is returned and kept.</summary>
    public ChatPart Take(Piece piece, UsageCount usage)
    {
        var last = piece.Finish is not null;
        var (thought, said) = splitter?.Append(piece.Text, last) ?? ("", piece.Text);
        IReadOnlyList<ToolCallPart> parts = [];
        if (callSplitter is not null) (said, parts) = callSplitter.Append(said, last);
        reasoning.Append(thought);
        content.Append(said);
        likelihood.Add(piece.Released);
        foreach (var token in piece.Released)
        {
            pending.Enqueue(token);
            Ids.Add(token.Id);
            Unsent.Add(token.Id);
        }

        var part = new ChatPart(thought, said, [.. parts.Select(Call).OfType<CallPart>()], []);
        while (pending.TryPeek(out var token) && Belongs(token, last) is { } place)
        {
            pending.Dequeue();
            if (place == Place.Content) part.Scores.Add(token);
            else if (place == Place.Reasoning) usage.AddReasoning(1);
        }

        Scores.AddRange(part.Scores);
        Finish = piece.Finish ?? Finish;
        return part;
    }

    private enum Place
    {
        Reasoning,
        Content,
        Call,
    }

    private CallPart? Call(ToolCallPart part)
    {
        if (part.Name is { } name) Calls.Add(new ChatToolCall(name, call.Tools!.Custom.Contains(name)));
        var more = Calls[part.Index].Take(part.Arguments);
        return part.Name is null && more.Length == 0 ? null : new CallPart(part.Index, part.Name is not null, more);
    }

    // Null while that is open. The end token stands after everything.
    private Place? Belongs(AnswerToken token, bool last)
    {
        if (token.Start == int.MaxValue) return Place.Content;
        if (splitter is not null && splitter.ContentStart is null) return token.End <= splitter.Reasoned || last ? Place.Reasoning : null;
        var start = splitter?.ContentStart ?? 0;
        if (start > 0 && token.End <= start) return Place.Reasoning;
        if (callSplitter is null) return Place.Content;
        var end = start + content.Length;
        if (callSplitter.Opened) return token.Start < end ? Place.Content : Place.Call;
        return token.End <= end || last ? Place.Content : null;
    }
}
