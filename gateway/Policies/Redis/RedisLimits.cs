using System.Collections.Concurrent;
using StackExchange.Redis;

namespace Gateway.Policies.Redis;

/// <summary>
/// Counts in a Redis that several gateways share: one script for a decision, by Redis's own clock. Places and reserved money are leases, renewed
/// while their calls run, so that those of a gateway that died come free. Thread-safe.
/// </summary>
internal sealed class RedisLimits(RedisLink link, TimeProvider time, Func<bool> isOpen, string? clock = null)
{
    /// <summary>How long a place, or what is reserved of a budget, is kept for a gateway that says nothing.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(6);

    private const int MostLate = 100_000;
    private const int RenewedAtOnce = 256;
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(5); // what nobody could tell is asked again after it
    private static readonly TimeSpan KeptBeyond = TimeSpan.FromDays(1); // money of a period that is over: calls may run on

    private readonly RedisScripts scripts = new(clock);
    private readonly ConcurrentDictionary<RedisHold, bool> running = new();
    private readonly ConcurrentDictionary<RedisHold, bool> reserving = new(); // those that wait, too
    private readonly ConcurrentQueue<(RedisKey[] Keys, RedisValue[] Arguments)> late = new(); // what could not be sent
    private readonly Lock sending = new(); // of ends and renewals: none is renewed after its end

    /// <summary>Connects, and waits a moment for it.</summary>
    public async Task ConnectAsync(CancellationToken cancellation)
    {
        await link.ConnectAsync(cancellation);
        try
        {
            if (link.Open is { } redis) await scripts.LoadAsync(redis).WaitAsync(Lease, time, cancellation);
        }
        catch (Exception e) when (e is TimeoutException or RedisException)
        {
            // They are sent when they are missed.
        }
    }

    /// <summary>Null where Redis cannot be asked now.</summary>
    public async ValueTask<Decision?> DecideAsync(Ask ask, bool takePlace)
    {
        if (link.Usable() is not { } redis) return null;
        SendLate(redis);
        var keys = RedisKeys.Of(ask);
        var answer = scripts.Decide.RunAsync(redis, keys, RedisArguments.Decide(ask, takePlace, Lease));
        try
        {
            return Read(ask, keys, await link.AnswerAsync(answer));
        }
        catch (Exception e) when (e is TimeoutException or RedisException)
        {
            _ = ForgetAsync(ask, keys, answer);
            return null;
        }
    }

    /// <summary>False where Redis cannot be asked now.</summary>
    public async ValueTask<bool> SeedAsync(Owner owner, Period period, long? spent)
    {
        if (link.Usable() is not { } redis) return false;
        var kept = spent is null ? Doubt : period.Ends - time.GetUtcNow() + KeptBeyond;
        try
        {
            await link.AnswerAsync(scripts.Seed.RunAsync(redis, [RedisKeys.Money(owner, period)], [spent ?? 0, (long)kept.TotalMilliseconds]));
            return true;
        }
        catch (Exception e) when (e is TimeoutException or RedisException)
        {
            return false;
        }
    }

    /// <summary>For who waits: without Redis nobody knows who runs, and then it runs or goes on waiting, by the settings.</summary>
    public async ValueTask<Place> TakePlaceAsync(RedisHold hold)
    {
        if (hold.IsSettled) return Place.NotWanted;
        if (link.Usable() is not { } redis) return Unknown;
        var ask = hold.Ask;
        RedisKey[] keys = ask.Team is null ? [hold.Keys[3]] : [hold.Keys[3], hold.Keys[7]];
        RedisValue[] arguments = [ask.Call.ToString("N"), (long)Lease.TotalMilliseconds, ask.Key.Limits.MaxConcurrent ?? -1, ask.Team?.Limits.MaxConcurrent ?? -1];
        try
        {
            var answer = (int)await link.AnswerAsync(scripts.Place.RunAsync(redis, keys, arguments));
            if (answer != 0) return answer == 1 ? Place.KeyIsFull : Place.TeamIsFull;
            if (TryRun(hold)) return Place.Taken;
            Send(hold.Keys, RedisArguments.Leave(hold)); // its call left meanwhile
            return Place.NotWanted;
        }
        catch (Exception e) when (e is TimeoutException or RedisException)
        {
            return Unknown;
        }
    }

    /// <summary>The call is over.</summary>
    public void End(RedisHold hold, int requests, long tokens, long cost)
    {
        var arguments = RedisArguments.Settle(hold, requests, tokens, cost, time.GetUtcNow());
        lock (sending)
        {
            if (!hold.TrySettle()) return;
            running.TryRemove(hold, out _);
            reserving.TryRemove(hold, out _);
            Send(hold.Keys, arguments);
        }
    }

    /// <summary>What a call cost that was counted elsewhere while Redis was away.</summary>
    public void Spent(Ask ask, long cost)
    {
        if (ask.Periods is not null && cost > 0) Send(RedisKeys.Of(ask), RedisArguments.Spent(ask, cost, time.GetUtcNow()));
    }

    /// <summary>Renews the places, and what is reserved of budgets, of all calls that run here.</summary>
    public void Renew()
    {
        if (link.Open is not { } redis) return;
        SendLate(redis);
        foreach (var holds in running.Keys.Chunk(RenewedAtOnce))
            lock (sending)
            {
                var (keys, calls) = (new List<RedisKey>(), new List<RedisValue> { (long)Lease.TotalMilliseconds });
                foreach (var hold in holds)
                {
                    if (hold.IsSettled) continue;
                    foreach (var key in hold.Places)
                    {
                        keys.Add(key);
                        calls.Add(hold.Ask.Call.ToString("N"));
                    }
                }

                if (keys.Count > 0) _ = ObserveAsync(scripts.Renew.RunAsync(redis, [.. keys], [.. calls]));
            }

        foreach (var holds in reserving.Keys.Chunk(RenewedAtOnce))
            lock (sending) Keep(redis, holds);
    }

    private void Keep(IDatabase redis, RedisHold[] holds)
    {
        var (keys, calls) = (new List<RedisKey>(), new List<RedisValue> { (long)Lease.TotalMilliseconds });
        foreach (var hold in holds)
        {
            if (hold.IsSettled) continue;
            var left = hold.Ask.Cost - (hold.Ask.CostSoFar?.Invoke() ?? 0);
            foreach (var (money, epoch) in hold.Reservations)
            {
                keys.Add(money);
                calls.AddRange([hold.Ask.Call.ToString("N"), epoch, left]);
            }
        }

        if (keys.Count > 0) _ = ObserveAsync(scripts.Keep.RunAsync(redis, [.. keys], [.. calls]));
    }

    private Place Unknown => isOpen() ? Place.Taken : Place.TeamIsFull;

    private bool TryRun(RedisHold hold)
    {
        lock (sending)
        {
            if (hold.IsSettled) return false;
            if (hold.Places.Any()) running[hold] = true;
            return true;
        }
    }

    private Decision Read(Ask ask, RedisKey[] keys, RedisResult answer)
    {
        var read = new RedisAnswer((long[])answer!);
        if (read.Outcome == Outcome.Unseeded) return new Decision(Outcome.Unseeded);
        var hold = read.Outcome == Outcome.Refused ? null : new RedisHold(this, ask, keys, read.Counted);
        if (hold is not null && read.Outcome == Outcome.Admitted) TryRun(hold);
        if (hold is not null && hold.Reservations.Any()) reserving[hold] = true;
        return new Decision(read.Outcome) { Hold = hold, Refusal = read.Outcome == Outcome.Refused ? read.Refusal(ask, time.GetUtcNow()) : null, Requests = read.Requests, Tokens = read.Tokens };
    }

    // It was too late, and the call was decided otherwise: what it took is given back.
    private async Task ForgetAsync(Ask ask, RedisKey[] keys, Task<RedisResult> answer)
    {
        try
        {
            Read(ask, keys, await answer).Hold?.GiveBack();
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // It never was.
        }
    }

    // Before anything else, and after the scripts: it may be another Redis than before.
    private void SendLate(IDatabase redis)
    {
        if (late.IsEmpty) return;
        _ = ObserveAsync(scripts.LoadAsync(redis));
        while (late.TryDequeue(out var one)) _ = ObserveAsync(scripts.Settle.RunAsync(redis, one.Keys, one.Arguments));
    }

    private void Send(RedisKey[] keys, RedisValue[] arguments)
    {
        if (link.Open is { } redis) _ = SendAsync(redis, keys, arguments);
        else Keep(keys, arguments);
    }

    private async Task SendAsync(IDatabase redis, RedisKey[] keys, RedisValue[] arguments)
    {
        try
        {
            await scripts.Settle.RunAsync(redis, keys, arguments);
        }
        catch (RedisConnectionException e) when (e.CommandStatus is not CommandStatus.Sent)
        {
            Keep(keys, arguments);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // It may have come there: once more could be once too often.
        }
    }

    private void Keep(RedisKey[] keys, RedisValue[] arguments)
    {
        if (late.Count < MostLate) late.Enqueue((keys, arguments));
    }

    private static async Task ObserveAsync(Task answer)
    {
        try
        {
            await answer;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // The next renewal, or a window's end, makes up for it.
        }
    }
}
