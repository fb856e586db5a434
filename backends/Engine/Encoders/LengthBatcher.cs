namespace Gateway.Engine.Encoders;

/// <summary>
/// Chooses the texts of a step. Calls take turns: the first waiting text of the next call is always in, so that a short call is not held up
/// by a long one; then come the texts, of any call, whose lengths are nearest to it, until the step's budget of tokens is full. No thread,
/// no clock, no tensor.
/// </summary>
internal sealed class LengthBatcher(int maxTokens, int maxTexts)
{
    private readonly SortedDictionary<int, LinkedList<EncodingItem>> byLength = [];
    private readonly LinkedList<EncodingCall> turns = [];

    /// <summary>Texts that wait.</summary>
    public int Count { get; private set; }

    public void Add(EncodingCall call)
    {
        for (var i = 0; i < call.Inputs.Count; i++)
        {
            var item = new EncodingItem(call, i);
            call.Waiting.AddLast(item.InCall);
            if (!byLength.TryGetValue(item.Length, out var same)) byLength[item.Length] = same = [];
            same.AddLast(item.InLength);
        }

        Count += call.Inputs.Count;
        if (call.Inputs.Count > 0) turns.AddLast(call);
    }

    /// <summary>Forgets what waits of a call.</summary>
    public void Remove(EncodingCall call)
    {
        foreach (var item in call.Waiting.ToList()) Take(item);
        turns.Remove(call);
    }

    /// <summary>The texts of the next step in order of length; empty when nothing waits. A text longer than the budget comes alone.</summary>
    public IReadOnlyList<EncodingItem> Next()
    {
        if (turns.First is not { } turn) return [];
        turns.RemoveFirst();
        var anchor = turn.Value.Waiting.First!.Value;
        var batch = new List<EncodingItem>();
        var tokens = 0;
        foreach (var length in byLength.Keys.OrderBy(length => Math.Abs(length - anchor.Length)).ToList())
        {
            if (length == anchor.Length) Put(anchor);
            while (batch.Count < maxTexts && tokens + length <= maxTokens && byLength.TryGetValue(length, out var same)) Put(same.First!.Value);
        }

        if (turn.Value.Waiting.Count > 0) turns.AddLast(turn.Value);
        batch.Sort((a, b) => a.Length - b.Length);
        return batch;

        void Put(EncodingItem item)
        {
            Take(item);
            batch.Add(item);
            tokens += item.Length;
        }
    }

    private void Take(EncodingItem item)
    {
        item.Call.Waiting.Remove(item.InCall);
        var same = byLength[item.Length];
        same.Remove(item.InLength);
        if (same.Count == 0) byLength.Remove(item.Length);
        Count--;
        if (item.Call.Waiting.Count == 0) turns.Remove(item.Call);
    }
}
