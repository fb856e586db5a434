namespace Gateway.Tests.Usage.Totals;

/// <summary>What happens to a call.</summary>
internal enum Plot
{
    Plain,
    PlainWithoutUsage,
    Stream,
    StreamWithoutUsage,
    FailsAtFirst,
    ResetAtFirst,
    CutAtFirst,
    FailsAlways,
    Refused,
    EndsBeforeItsEnd,
    ResetInMidStream,
    ClientLeavesInMidStream,
    ClientLeavesBeforeTheFirstToken,
    Hedged,
}

/// <summary>One call of the run: its number says everything.</summary>
internal sealed record PlannedCall(int Number, Plot Plot, int Events, int Prompt, int Completion)
{
    /// <summary>For what the client has seen before its upstream or itself goes.</summary>
    public TaskCompletionSource Seen { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Its upstream has its request.</summary>
    public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsStream => Plot is Plot.Stream or Plot.StreamWithoutUsage or Plot.EndsBeforeItsEnd or Plot.ResetInMidStream or Plot.ClientLeavesInMidStream or Plot.ClientLeavesBeforeTheFirstToken;

    public string Key => (Number % 3) switch { 0 => "a", 1 => "b", _ => "c" };

    public string Id => $"call-{Number}";

    public string Outcome => Plot switch
    {
        Plot.FailsAlways => "failed",
        Plot.Refused => "refused",
        Plot.EndsBeforeItsEnd or Plot.ResetInMidStream => "broken",
        Plot.ClientLeavesInMidStream or Plot.ClientLeavesBeforeTheFirstToken => "cancelled",
        _ => "ok",
    };

    public static IReadOnlyList<PlannedCall> Many(int count, int seed)
    {
        var chance = new Random(seed);
        var plots = Enum.GetValues<Plot>();
        return [.. Enumerable.Range(0, count).Select(number => new PlannedCall(number, plots[chance.Next(plots.Length)], chance.Next(1, 6), chance.Next(1, 500), chance.Next(1, 300)))];
    }
}
