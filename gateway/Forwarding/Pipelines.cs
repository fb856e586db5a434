using System.Runtime.CompilerServices;
using Polly;
using Polly.Hedging;
using Polly.Retry;

namespace Gateway.Forwarding;

/// <summary>
/// Polly's part: when the next attempt is made. What it is, whether it may be, and how long it waits, <see cref="CallRun"/> says. A pipeline
/// for each number of retries, with and without hedging; they hold no state of a model.
/// </summary>
internal static class Pipelines
{
    public static readonly ResiliencePropertyKey<CallRun> Run = new("run");
    private static readonly ResiliencePropertyKey<TimeSpan> HedgeAfter = new("hedge");
    private static readonly Lazy<ResiliencePipeline<AttemptResult>>[] Plain = [.. Enumerable.Range(0, 21).Select(retries => new Lazy<ResiliencePipeline<AttemptResult>>(() => Build(retries, hedges: false)))];
    private static readonly Lazy<ResiliencePipeline<AttemptResult>>[] Hedged = [.. Enumerable.Range(0, 21).Select(retries => new Lazy<ResiliencePipeline<AttemptResult>>(() => Build(retries, hedges: true)))];

    /// <summary>Makes a call's attempts.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<AttemptResult> ExecuteAsync(CallRun run, int retries, TimeSpan? hedge, CancellationToken cancellation)
    {
        var context = ResilienceContextPool.Shared.Get(cancellation);
        context.Properties.Set(Run, run);
        if (hedge is { } after) context.Properties.Set(HedgeAfter, after);
        try
        {
            var pipeline = (hedge is null ? Plain : Hedged)[retries].Value;
            var outcome = await pipeline.ExecuteOutcomeAsync(static (context, run) => AttemptAsync(run, context.CancellationToken), context, run);
            outcome.ThrowIfException();
            return outcome.Result!;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    // Polly would wrap it in two more of these.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<Outcome<AttemptResult>> AttemptAsync(CallRun run, CancellationToken cancellation)
    {
        try
        {
            return Outcome.FromResult(await run.AttemptAsync(cancellation));
        }
        catch (Exception e)
        {
            return Outcome.FromException<AttemptResult>(e);
        }
    }

    private static ResiliencePipeline<AttemptResult> Build(int retries, bool hedges)
    {
        var pipeline = new ResiliencePipelineBuilder<AttemptResult>();
        if (retries > 0)
        {
            pipeline.AddRetry(new RetryStrategyOptions<AttemptResult>
            {
                MaxRetryAttempts = retries,
                ShouldHandle = static outcome => ValueTask.FromResult(outcome.Outcome.Result is { Verdict: not Verdict.Answers } result && RunOf(outcome.Context).MayRetry(result)),
                DelayGenerator = static next => ValueTask.FromResult<TimeSpan?>(TimeSpan.Zero),
                OnRetry = static next => RunOf(next.Context).PauseAsync(),
            });
        }

        if (hedges)
        {
            pipeline.AddHedging(new HedgingStrategyOptions<AttemptResult>
            {
                MaxHedgedAttempts = 1,
                DelayGenerator = static hedge => ValueTask.FromResult(hedge.Context.Properties.GetValue(HedgeAfter, Timeout.InfiniteTimeSpan)),
                // One that failed while the other is still asked does not end the race, nor does one that refused: the other may know more.
                ShouldHandle = static outcome => ValueTask.FromResult(outcome.Outcome.Result switch
                {
                    { Verdict: Verdict.Transient } => true,
                    { Verdict: Verdict.Refused } => RunOf(outcome.Context).IsAsking,
                    _ => false,
                }),
                ActionGenerator = static hedge => RunOf(hedge.PrimaryContext).MayHedge() ? () => hedge.Callback(hedge.ActionContext) : null,
            });
        }

        return pipeline.Build();
    }

    private static CallRun RunOf(ResilienceContext context) => context.Properties.GetValue(Run, null!);
}
