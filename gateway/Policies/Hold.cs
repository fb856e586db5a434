namespace Gateway.Policies;

/// <summary>What a call has taken of its owners' bounds, until it is settled. Its end may come while it still waits for a place.</summary>
internal abstract class Hold(Ask ask)
{
    public Ask Ask => ask;

    /// <summary>For who waits: a place among those that run, if there is one now.</summary>
    public abstract ValueTask<Place> TakePlaceAsync();

    /// <summary>The call is over, and this is what it really used.</summary>
    public abstract void Settle(long tokens, long cost);

    /// <summary>The call was never made: nothing is counted.</summary>
    public abstract void GiveBack();
}

/// <summary>What came of asking for a place.</summary>
internal enum Place
{
    Taken,

    /// <summary>The key has as many as it may.</summary>
    KeyIsFull,

    /// <summary>Its team has.</summary>
    TeamIsFull,

    /// <summary>It is not wanted any more.</summary>
    NotWanted,
}
