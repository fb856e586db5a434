using Gateway.Calls;
using Gateway.Errors;
using Gateway.Keys;
using Gateway.Telemetry;

namespace Gateway.Policies;

/// <summary>
/// May a call proceed? In this order: what is left of its budgets, calls and tokens of its minutes and days, a place among those that run,
/// for which it may wait. Whatever is taken is settled when the call is over. Thread-safe.
/// </summary>
internal sealed class Admission(ILimitStore store, WaitingRoom room, Seeds seeds, BudgetCalendar calendar, QueueMetrics metrics)
{
    private const int MostQuestions = 4; // a budget that is unknown again and again: its store comes and goes

    /// <summary>Comes back when the call may proceed, with what has to be settled; null where nothing bounds its caller.</summary>
    /// <exception cref="ProblemException">It may not.</exception>
    public ValueTask<Hold?> AdmitAsync(Call call)
    {
        var caller = call.Caller;
        return caller.Limits.Bounds || (caller.Team is not null && caller.TeamLimits.Bounds) ? DecideAsync(call, AskOf(call)) : new((Hold?)null);
    }

    /// <summary>The call is over.</summary>
    public void Settle(Hold hold, Settlement used)
    {
        if (used.WasSent) hold.Settle(used.Tokens, Money.Units(used.Cost));
        else hold.GiveBack();
        room.Freed(hold.Ask.Line);
    }

    private Ask AskOf(Call call)
    {
        var caller = call.Caller;
        var (tokens, cost) = Settlement.Estimate(call);
        var team = caller.Team is { } name && caller.TeamLimits.Bounds ? new Owner(name, true, caller.TeamLimits) : (Owner?)null;
        return new Ask
        {
            Call = call.Id,
            Key = new Owner(caller.Id, false, caller.Limits),
            KeyName = caller.Name,
            TeamName = caller.Team,
            Team = team,
            Tokens = tokens,
            Cost = Money.Units(cost),
            CostSoFar = cost == 0 ? null : () => Money.Units(Settlement.SoFar(call).Cost),
            Periods = caller.Limits.CountsMoney || team?.Limits.CountsMoney == true ? calendar.Now(call.Snapshot.Options.BudgetTimeZone) : null,
            MayWait = Patience(caller) > TimeSpan.Zero,
        };
    }

    private async ValueTask<Hold?> DecideAsync(Call call, Ask ask)
    {
        var cancellation = call.Http.RequestAborted;
        var decision = await store.DecideAsync(ask, !room.HasWaiters(ask.Line), cancellation);
        for (var question = 0; decision.Outcome == Outcome.Unseeded; question++)
        {
            if (question == MostQuestions) throw Unavailable(call);
            await seeds.SowAsync(store, ask, cancellation);
            decision = await store.DecideAsync(ask, !room.HasWaiters(ask.Line), cancellation);
        }

        LimitHeaders.Write(call.Http.Response.Headers, decision);
        return decision.Outcome switch
        {
            Outcome.Admitted => decision.Hold,
            Outcome.Waits => await WaitAsync(call, decision),
            Outcome.Refused => throw Refused(call, decision.Refusal!, RefusalWords.Of(decision.Refusal!.Bound)),
            _ => throw Unavailable(call),
        };
    }

    private async Task<Hold?> WaitAsync(Call call, Decision decision)
    {
        var (hold, ask) = (decision.Hold!, decision.Hold!.Ask);
        var patience = Patience(call.Caller);
        var left = call.Deadline?.Left(call.Time.GetTimestamp(), call.Time) ?? TimeSpan.MaxValue;
        var (place, began, result) = (Place.NotWanted, call.Time.GetTimestamp(), "left");
        using var either = CancellationTokenSource.CreateLinkedTokenSource(call.Http.RequestAborted, call.Farewell);
        try
        {
            place = await room.WaitAsync(hold, Priority(call.Caller), patience < left ? patience : left > TimeSpan.Zero ? left : TimeSpan.Zero, either.Token);
            result = place == Place.Taken ? "placed" : left < patience ? "deadline" : "timeout";
            if (place == Place.Taken) return hold;
        }
        catch (OperationCanceledException) when (call.Farewell.IsCancellationRequested && !call.Http.RequestAborted.IsCancellationRequested)
        {
            result = "stopping";
            throw new ProblemException(Problems.Stopping());
        }
        finally
        {
            metrics.Waited(call.Time.GetElapsedTime(began), result);
            if (place != Place.Taken)
            {
                hold.GiveBack();
                room.Freed(ask.Line); // it may have got its place at the last moment
            }
        }

        if (left < patience) throw new ProblemException(Problems.DeadlineOver());
        var owner = place == Place.TeamIsFull && ask.Team is { } team ? team : ask.Key;
        var most = owner.Limits.MaxConcurrent ?? 0;
        var refusal = new Refusal(Bound.Concurrent, owner, most, most, 1, TimeSpan.FromSeconds(1));
        LimitHeaders.Write(call.Http.Response.Headers, decision with { Refusal = refusal });
        throw Refused(call, refusal, RefusalWords.QueueTimeout);
    }

    private ProblemException Refused(Call call, Refusal refusal, string bound)
    {
        metrics.Refused(call, bound, RefusalWords.Of(refusal.Owner));
        return new ProblemException(Problems.LimitReached(call.Model.Name, refusal));
    }

    private ProblemException Unavailable(Call call)
    {
        metrics.Refused(call, RefusalWords.Unavailable, "none");
        return new ProblemException(Problems.LimitsUnavailable());
    }

    // What a key does not say for itself, its team says for it.
    private static TimeSpan Patience(Caller caller) => caller.Limits.QueueTimeout > TimeSpan.Zero ? caller.Limits.QueueTimeout : caller.TeamLimits.QueueTimeout;

    private static int Priority(Caller caller) => caller.Limits.Priority != 0 ? caller.Limits.Priority : caller.TeamLimits.Priority;
}
