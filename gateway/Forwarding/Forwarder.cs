using Gateway.Calls;
using Gateway.Errors;
using Gateway.Protocol;
using Gateway.Routing;
using Gateway.Telemetry;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>
/// Answers a call, whatever its upstreams do: attempts are YARP's forwarder inside a Polly pipeline, until one has something to pass on.
/// The one place where attempts end and the answer begins.
/// </summary>
public sealed class Forwarder(IHttpForwarder yarp, Router router, RetryBudget budget, GatewayMetrics metrics, ILogger<Forwarder> logger)
{
    /// <summary>Forwards a call and answers it.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask ForwardAsync(Call call)
    {
        budget.Called();
        var telemetry = new CallTelemetry(call, metrics);
        var run = new CallRun(call, router, budget, yarp, telemetry);
        Problem? problem = null;
        try
        {
            var result = run.Outcome(await Pipelines.ExecuteAsync(run, call.Model.Options.Retries, call.Model.Hedge, call.Http.RequestAborted));
            run.Settle(result.Attempt);
            problem = result.Problem;
            if (result.Attempt is { } attempt) await PassAsync(call, attempt, result, telemetry);
            else if (problem is not null && !call.Http.RequestAborted.IsCancellationRequested) await RefuseAsync(call, problem);
        }
        catch (OperationCanceledException) when (call.Http.RequestAborted.IsCancellationRequested)
        {
            // It left while a retry waited.
        }
        finally
        {
            run.Settle(null);
            telemetry.End(problem);
            call.Ended = (telemetry.Outcome, telemetry.Status);
            Log(call, telemetry);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask PassAsync(Call call, Attempt attempt, AttemptResult result, CallTelemetry telemetry)
    {
        using (attempt)
        {
            try
            {
                await attempt.GoOnAsync();
            }
            finally
            {
                if (attempt.End is not (Reasons.Ok or Reasons.ClientLeft or Reasons.Stopping)) attempt.Target.Health.Failed(call.Time.GetTimestamp(), attempt.End);
                attempt.Target.Leave(call.Tokens);
                var record = attempt.Record(attempt.End, result.Status, committed: true);
                call.Add(record);
                telemetry.End(attempt, record);
            }
        }
    }

    private static async Task RefuseAsync(Call call, Problem problem)
    {
        if (!call.Http.Response.HasStarted)
        {
            AnswerHeaders.Mark(call, call.Attempts is [.., var last] ? last.Upstream : null);
            throw new ProblemException(problem);
        }

        // Only comments were sent; what would have been a status is an event.
        Sse.Write(call.Http.Response.BodyWriter, JsonSerializer.SerializeToUtf8Bytes(problem.Error, ProtocolJson.Wire.ApiError));
        await call.Http.Response.BodyWriter.FlushAsync(call.Http.RequestAborted);
    }

    // What went well is for metrics; what did not is said once for each call, and never with what it was about.
    private void Log(Call call, CallTelemetry telemetry)
    {
        if (!call.Attempts.Any(static attempt => attempt.Reason is not (Reasons.Ok or Reasons.ClientLeft or Reasons.Outrun))) return;
        logger.LogWarning(
            "{RequestId} {Model} {Outcome} {Status}: {Attempts}", call.Http.TraceIdentifier, call.Model.Name, telemetry.Outcome, telemetry.Status,
            string.Join(", ", call.Attempts.Select(static attempt => $"{attempt.Upstream} {attempt.Reason}{(attempt.Detail is { } detail ? $" ({detail})" : "")} after {attempt.Elapsed.TotalMilliseconds:F0} ms")));
    }
}
