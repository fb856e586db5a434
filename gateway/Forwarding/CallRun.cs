using System.Runtime.CompilerServices;
using Gateway.Calls;
using Gateway.Errors;
using Gateway.Models;
using Gateway.Routing;
using Gateway.Telemetry;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>
/// The attempts of one call: which target is next, whether there may be a next one, and what the last one means for its target. Polly
/// decides when; hedges make it run twice at once, so plans are taken under a lock.
/// </summary>
internal sealed class CallRun
{
    /// <summary>A longer wait is the client's to make.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(20); // clocks are coarse, and too early is refused again
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    private readonly Call call;
    private readonly Router router;
    private readonly RetryBudget budget;
    private readonly IHttpForwarder yarp;
    private readonly CallTelemetry telemetry;
    private readonly Lock gate = new();
    private readonly List<Target> tried = [];
    private readonly List<(PublishedModel Model, string Name)> models;
    private readonly List<Attempt> answering = []; // more than one where a hedge and its elder answer at the same moment
    private int model; // of them, the one whose targets are asked
    private int asked; // attempts that count for Retries
    private Target? planned; // with a place taken at it
    private string cause = Causes.First; // of the attempt that comes next
    private AttemptResult? last;
    private bool settled;
    private int asking; // attempts without a verdict
    private AttemptResult? refusal; // while another was asked: what comes of that one may be worth more, or less
    private TimeSpan delay; // before the next attempt; set by MayRetry

    public CallRun(Call call, Router router, RetryBudget budget, IHttpForwarder yarp, CallTelemetry telemetry)
    {
        (this.call, this.router, this.budget, this.yarp, this.telemetry) = (call, router, budget, yarp, telemetry);
        models = [(call.Model, call.AnsweringName)];
    }

    private PublishedModel Model => models[model].Model;

    private CancellationToken ClientLeft => call.Http.RequestAborted;

    private TimeProvider Time => call.Time;

    /// <summary>One attempt, from a target to its verdict.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<AttemptResult> AttemptAsync(CancellationToken outrun)
    {
        Target? target;
        (PublishedModel Model, string Name) named;
        string why;
        if (call.Farewell.IsCancellationRequested) return new AttemptResult(Verdict.Refused, Reasons.Stopping, Problems.Stopping());
        lock (gate)
        {
            target = planned ?? Choose();
            if (target is null && last is null && NextModel("failure")) (target, cause) = (planned, Causes.Fallback);
            (planned, named, why) = (null, models[model], cause);
            if (target is null) return last is null ? new AttemptResult(Verdict.Refused, Reasons.Unavailable, Nobody()) : last with { SameAgain = false };
            tried.Add(target);
            asked++;
            call.Begun++;
            (call.Answering, call.AnsweringName, call.Upstream) = (named.Model, named.Name, target.Upstream.Name);
        }

        var result = await AskAsync(named, target, why, Usage(target), outrun);
        // It does not know the option, which was the gateway's or says no more than it: asked once without, at no cost to the client's retries.
        if (!result.RefusesUsage || !target.TryEnter(call.Tokens, Time.GetTimestamp())) return Noted(result);
        lock (gate) call.Begun++;
        target.RefusesUsage = true; // said before the answer has passed, for those that ask meanwhile
        var without = await AskAsync(named, target, Causes.WithoutUsage, Usage(target), outrun);
        if (without.Verdict == Verdict.Refused) target.RefusesUsage = false; // it was something else
        return Noted(without);
    }

    /// <summary>What the call comes to: a refusal stands, where the other attempt of a race failed besides.</summary>
    public AttemptResult Outcome(AttemptResult result) => result.Verdict == Verdict.Transient && last is { Verdict: Verdict.Refused } ? last : result;

    private AttemptResult Noted(AttemptResult result)
    {
        if (result.Verdict == Verdict.Refused && IsAsking) Volatile.Write(ref refusal, result);
        return result;
    }

    /// <summary>Whether there is a next attempt; where there is, its target and its delay are settled.</summary>
    public bool MayRetry(AttemptResult result)
    {
        lock (gate)
        {
            if (result.Verdict == Verdict.Transient) result = refusal ?? result;
            (last, refusal) = (result, null);
            if (ClientLeft.IsCancellationRequested || planned is not null) return planned is not null;
            if (asked > call.Model.Options.Retries) return false;
            delay = TimeSpan.Zero;
            if (result.Verdict == Verdict.Refused) return result.FallsBackOn is { } reason && NextModel(reason) && Spend(Causes.Fallback);
            if (result.Verdict != Verdict.Transient) return false;
            if ((planned = Choose()) is not null) return Spend(Causes.Retry);
            if (NextModel(result.FallsBackOn ?? "failure")) return Spend(Causes.Fallback);
            return result.SameAgain && Wait(result) && Spend(Causes.Retry);
        }
    }

    /// <summary>The pause before the next attempt. A client that leaves ends it, and so does the program's end.</summary>
    public async ValueTask PauseAsync()
    {
        if (delay == TimeSpan.Zero) return;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ClientLeft, call.Farewell);
        await Task.Delay(delay, Time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ClientLeft.ThrowIfCancellationRequested();
    }

    /// <summary>Whether a second target may be asked beside the one that has not answered yet.</summary>
    public bool MayHedge()
    {
        lock (gate)
        {
            if (planned is not null || ClientLeft.IsCancellationRequested || asked > call.Model.Options.Retries) return false;
            return (planned = Choose()) is not null && Spend(Causes.Hedge);
        }
    }

    /// <summary>Whether an attempt has no verdict yet.</summary>
    public bool IsAsking => Volatile.Read(ref asking) > 0;

    /// <summary>No further attempt: what was planned is given up, and who answers beside the one that passes is stopped.</summary>
    public void Settle(Attempt? passes)
    {
        List<Attempt> late;
        lock (gate)
        {
            settled = true;
            planned?.Abandon(call.Tokens);
            planned = null;
            answering.Remove(passes!);
            if (answering.Count == 0) return;
            late = [.. answering];
            answering.Clear();
        }

        foreach (var attempt in late) Drop(attempt);
    }

    /// <summary>Asks a target, and tells it what came of that.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<AttemptResult> AskAsync((PublishedModel Model, string Name) named, Target target, string why, UsageOption usage, CancellationToken outrun)
    {
        var attempt = new Attempt(call, named.Model, named.Name, target, usage, call.Model.Options.HedgeAfter is not null, yarp, Time) { Cause = why };
        attempt.Span = telemetry.Begin(attempt);
        Interlocked.Increment(ref asking);
        var result = await attempt.BeginAsync(outrun);
        Interlocked.Decrement(ref asking);
        if (result.Verdict == Verdict.Answers)
        {
            lock (gate)
            {
                if (!settled)
                {
                    answering.Add(attempt);
                    return result; // its place is kept until the answer has passed
                }
            }

            Drop(attempt);
            return new AttemptResult(Verdict.Abandoned, Reasons.Outrun);
        }

        var now = Time.GetTimestamp();
        var record = attempt.Record(result.Reason, result.Status, committed: false);
        switch (result)
        {
            case { Verdict: Verdict.Abandoned, Reason: Reasons.Outrun } when attempt.FirstToken is null:
                attempt.TookLonger(); // than the one that answered: its slowness is known
                target.Health.Abandoned();
                break;
            case { Verdict: Verdict.Abandoned } or { Reason: Reasons.Deadline or Reasons.Stopping }:
                target.Health.Abandoned();
                break;
            case { Status: 429, RetryAfter: { } wait }:
                target.Health.RateLimited(now, wait, result.Reason);
                break;
            case { Verdict: Verdict.Transient }:
                if (result.Reason == Reasons.FirstTokenTimeout) attempt.TookLonger();
                target.Health.Failed(now, record.Reason, record.Detail);
                break;
            default:
                target.Health.Succeeded(now); // a refusal shows that somebody is there
                break;
        }

        target.Leave(call.Tokens);
        call.Add(record);
        telemetry.End(attempt, record);
        attempt.Dispose();
        return result;
    }

    private void Drop(Attempt attempt)
    {
        attempt.Cancel();
        attempt.Target.Leave(call.Tokens);
        var record = attempt.Record(Reasons.Outrun, 0, committed: false);
        call.Add(record);
        telemetry.End(attempt, record);
        attempt.Dispose();
    }

    private UsageOption Usage(Target target) => target.Upstream is LocalUpstream || !call.Body.Stream ? UsageOption.Passed
        : call.Body.IncludeUsage ? (target.RefusesUsage ? UsageOption.Removed : UsageOption.Passed)
        : target.RefusesUsage ? UsageOption.Passed : UsageOption.Added;

    private Target? Choose() => router.Choose(Model, call.Tokens, call.Prefix, tried).Target;

    // The first fallback, from here on, that has somebody to ask.
    private bool NextModel(string reason)
    {
        if (!call.Model.Options.FallbackOn.Contains(reason)) return false;
        if (models.Count == 1)
            foreach (var name in call.Model.Options.Fallbacks)
                if (call.Snapshot.Catalogue.Find(name) is { } found) models.Add((found, found.IsPattern ? name : found.Name));
        while (model + 1 < models.Count)
        {
            model++;
            if ((planned = Choose()) is not null) return true;
        }

        return false;
    }

    // All were asked: the same ones again, after a pause with full jitter, or after the one that they asked for.
    private bool Wait(AttemptResult result)
    {
        tried.Clear();
        model = 0;
        delay = result.RetryAfter is { } given ? given + Margin : TimeSpan.FromSeconds(new Random().NextDouble() * (FirstPause * Math.Pow(2, call.Begun - 1)).TotalSeconds);
        return delay <= LongestWait + Margin && (call.Deadline is null || call.Deadline.Left(Time.GetTimestamp(), Time) > delay);
    }

    private bool Spend(string next)
    {
        cause = next;
        if (budget.TrySpend()) return true;
        planned?.Abandon(call.Tokens);
        planned = null;
        return false;
    }

    private Problem Nobody()
    {
        var choice = router.Choose(call.Model, call.Tokens, call.Prefix, []);
        choice.Target?.Abandon(call.Tokens); // it came back at this very moment
        return Problems.NoTarget(call.Model.Name, choice.Reason, choice.Wait);
    }
}
