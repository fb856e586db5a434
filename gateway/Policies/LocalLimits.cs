using System.Collections.Concurrent;

namespace Gateway.Policies;

/// <summary>Counts in this process. A decision costs two locks at most, whatever the number of callers; who used nothing lately is forgotten. Thread-safe.</summary>
internal sealed class LocalLimits : ILimitStore, IDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Allowance> keys = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Allowance> teams = new(StringComparer.Ordinal);
    private readonly TimeProvider time;
    private readonly long began;
    private readonly ITimer sweeps;

    public LocalLimits(TimeProvider time)
    {
        (this.time, began) = (time, time.GetTimestamp());
        sweeps = time.CreateTimer(static store => ((LocalLimits)store!).Sweep(), this, SweepInterval, SweepInterval);
    }

    /// <summary>Owners that are remembered.</summary>
    public int Count => keys.Count + teams.Count;

    /// <inheritdoc/>
    public TimeSpan PollInterval => TimeSpan.FromMilliseconds(250); // places come free in this process and are seen to; this is for keys that changed teams

    private long Now => time.GetElapsedTime(began).Ticks;

    /// <inheritdoc/>
    public ValueTask<Decision> DecideAsync(Ask ask, bool takePlace, CancellationToken cancellation) => new(Decide(ask, takePlace));

    /// <inheritdoc/>
    public ValueTask SeedAsync(Owner owner, Period period, long? spent)
    {
        while (true)
        {
            var allowance = Of(owner);
            lock (allowance.Gate)
            {
                if (allowance.IsGone) continue;
                allowance.Seed(period, isDay: period.Ends - period.Begins < TimeSpan.FromDays(2), spent, Now);
                return ValueTask.CompletedTask;
            }
        }
    }

    public Decision Decide(Ask ask, bool takePlace)
    {
        while (true)
        {
            var key = Of(ask.Key);
            if (ask.Team is not { } owner)
            {
                lock (key.Gate)
                    if (!key.IsGone) return Decide(ask, key, null, takePlace);
                continue;
            }

            var team = Of(owner);
            lock (team.Gate)
                lock (key.Gate)
                    if (!team.IsGone && !key.IsGone) return Decide(ask, key, team, takePlace);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => sweeps.Dispose();

    /// <summary>Forgets who has nothing to be remembered.</summary>
    public void Sweep()
    {
        foreach (var owners in (ConcurrentDictionary<string, Allowance>[])[keys, teams])
            foreach (var (id, allowance) in owners)
                lock (allowance.Gate)
                    if (allowance.TryGo(Now, time.GetUtcNow())) owners.TryRemove(id, out _);
    }

    private Allowance Of(Owner owner) => (owner.IsTeam ? teams : keys).GetOrAdd(owner.Id, static _ => new Allowance());

    // The visible order: budget, then calls and tokens, then places; of each the key's before the team's.
    private Decision Decide(Ask ask, Allowance key, Allowance? team, bool takePlace)
    {
        var now = Now;
        var owner = ask.Team.GetValueOrDefault();
        if (key.IsUnseeded(ask.Key.Limits, ask.Periods, now) || team?.IsUnseeded(owner.Limits, ask.Periods, now) == true) return new Decision(Outcome.Unseeded);
        var utc = ask.Periods is null ? default : time.GetUtcNow();
        key.Advance(ask.Key.Limits, now);
        team?.Advance(owner.Limits, now);
        var refusal = key.Budget(ask, ask.Key, utc) ?? team?.Budget(ask, owner, utc) ?? key.Rate(ask, ask.Key) ?? team?.Rate(ask, owner);
        var keyHasPlace = key.HasPlace(ask.Key.Limits);
        var hasPlace = keyHasPlace && team?.HasPlace(owner.Limits) != false;
        if (!hasPlace && !ask.MayWait) refusal ??= keyHasPlace ? team!.Full(owner) : key.Full(ask.Key);
        Hold? hold = null;
        if (refusal is null)
        {
            key.Reserve(ask, ask.Key.Limits);
            team?.Reserve(ask, owner.Limits);
            var enters = hasPlace && takePlace;
            if (enters)
            {
                key.Enter();
                team?.Enter();
            }

            hold = new LocalHold(this, ask, key, team, now, enters);
        }

        return new Decision(refusal is not null ? Outcome.Refused : hasPlace && takePlace ? Outcome.Admitted : Outcome.Waits)
        {
            Hold = hold,
            Refusal = refusal,
            Requests = Standing.Tighter(key.Requests(ask.Key.Limits), team?.Requests(owner.Limits)),
            Tokens = Standing.Tighter(key.Tokens(ask.Key.Limits), team?.Tokens(owner.Limits)),
        };
    }

    private sealed class LocalHold(LocalLimits store, Ask ask, Allowance key, Allowance? team, long at, bool entered) : Hold(ask)
    {
        private bool entered = entered; // guarded by the key's gate, as is what follows
        private bool settled;

        public override ValueTask<Place> TakePlaceAsync()
        {
            if (team is null)
                lock (key.Gate) return new(TakePlace());
            lock (team.Gate)
                lock (key.Gate) return new(TakePlace());
        }

        public override void Settle(long tokens, long cost) => End(0, tokens - Ask.Tokens, cost - Ask.Cost);

        public override void GiveBack() => End(-1, -Ask.Tokens, -Ask.Cost);

        private Place TakePlace()
        {
            if (settled) return Place.NotWanted;
            if (!key.HasPlace(Ask.Key.Limits)) return Place.KeyIsFull;
            if (team?.HasPlace(Ask.Team!.Value.Limits) == false) return Place.TeamIsFull;
            key.Enter();
            team?.Enter();
            entered = true;
            return Place.Taken;
        }

        private void End(int requests, long tokens, long cost)
        {
            if (team is null)
                lock (key.Gate) End(key, null, requests, tokens, cost);
            else
                lock (team.Gate)
                    lock (key.Gate) End(key, team, requests, tokens, cost);
        }

        private void End(Allowance key, Allowance? team, int requests, long tokens, long cost)
        {
            if (settled) return;
            settled = true;
            var now = store.Now;
            key.Correct(Ask, at, now, requests, tokens, cost);
            team?.Correct(Ask, at, now, requests, tokens, cost);
            if (!entered) return;
            key.Leave();
            team?.Leave();
        }
    }
}
