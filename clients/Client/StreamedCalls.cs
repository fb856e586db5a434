using System.Text;
using Gateway.Protocol.Chat;

namespace Gateway.Client;

/// <summary>Puts the tool calls of a stream together again. One owner.</summary>
public sealed class StreamedCalls
{
    private readonly SortedDictionary<(int Choice, int Index), Open> _open = [];

    /// <summary>Takes a chunk in.</summary>
    public void Add(ChatCompletionChunk chunk)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        foreach (var choice in chunk.Choices)
            foreach (var delta in choice.Delta.ToolCalls ?? []) Add(choice.Index, delta);
    }

    /// <summary>The calls of a choice as far as they have come: whole once the choice has its finish reason.</summary>
    public IReadOnlyList<ToolCall> Of(int choice = 0) => [.. _open.Where(entry => entry.Key.Choice == choice).Select(entry => entry.Value.Call())];

    private void Add(int choice, ToolCallDelta delta)
    {
        if (!_open.TryGetValue((choice, delta.Index), out var call)) call = _open[(choice, delta.Index)] = new Open();
        call.Id ??= delta.Id;
        call.Type ??= delta.Type;
        call.Name ??= delta.Function?.Name ?? delta.Custom?.Name;
        call.Text.Append(delta.Function?.Arguments ?? delta.Custom?.Input);
    }

    private sealed class Open
    {
        public string? Id { get; set; }

        public string? Type { get; set; }

        public string? Name { get; set; }

        public StringBuilder Text { get; } = new();

        public ToolCall Call() => Type == "custom"
            ? new ToolCall(Id ?? "", "custom") { Custom = new CustomCall(Name ?? "", Text.ToString()) }
            : new ToolCall(Id ?? "") { Function = new FunctionCall(Name ?? "", Text.ToString()) };
    }
}
