using System.Diagnostics;
using Gateway.Calls;
using Gateway.Errors;
using Gateway.Forwarding;
using Gateway.Routing;

namespace Gateway.Telemetry;

/// <summary>
/// What one call leaves behind: its span, a span for each of its attempts, and its counts. It is told of beginnings and ends only; a chunk
/// costs nothing. Attempts of a hedged call may begin and end at once.
/// </summary>
internal sealed class CallTelemetry
{
    /// <summary>What a listener asks for to see the spans.</summary>
    public const string SourceName = "Gateway";

    private static readonly ActivitySource Source = new(SourceName);

    private readonly Call call;
    private readonly GatewayMetrics metrics;
    private readonly Activity? span;
    private string answeredBy = Providers.Gateway;

    /// <summary>Begins the call's span, if anybody listens.</summary>
    public CallTelemetry(Call call, GatewayMetrics metrics)
    {
        (this.call, this.metrics) = (call, metrics);
        if (!Source.HasListeners()) return;
        var operation = Operations.Of(call.Path);
        TraceContext.TryRead(call.Http.Request, out var parent);
        Activity.Current = null; // the web server's own, which nobody exports: a parent that is never seen
        var tags = new ActivityTagsCollection
        {
            ["gen_ai.operation.name"] = operation,
            ["gen_ai.provider.name"] = Providers.Gateway,
            ["gen_ai.request.model"] = call.AskedName,
            ["gateway.request.id"] = call.Http.TraceIdentifier,
            ["gateway.model"] = call.Model.Name,
        };
        if (call.Body.Stream) tags["gen_ai.request.stream"] = true;
        if (call.Body.MaxTokens is { } most) tags["gen_ai.request.max_tokens"] = most;
        if (call.Body.Choices != 1) tags["gen_ai.request.choice.count"] = call.Body.Choices;
        span = Source.StartActivity($"{operation} {call.Model.Name}", ActivityKind.Server, parent, tags, startTime: call.Time.GetUtcNow() - call.Time.GetElapsedTime(call.Began));
    }

    /// <summary>An attempt begins; its span, if anybody listens.</summary>
    public Activity? Begin(Attempt attempt)
    {
        if (span is null) return null;
        var made = Source.StartActivity($"attempt {attempt.Target.Upstream.Name}", ActivityKind.Client, span.Context, [
            KeyValuePair.Create("gen_ai.operation.name", (object?)Operations.Of(call.Path)),
            KeyValuePair.Create("gen_ai.provider.name", (object?)Providers.Of(attempt.Target.Upstream)),
            KeyValuePair.Create("gen_ai.request.model", (object?)attempt.ModelThere),
            KeyValuePair.Create("gateway.upstream", (object?)attempt.Target.Upstream.Name),
            KeyValuePair.Create("gateway.model", (object?)attempt.Model.Name),
            KeyValuePair.Create("gateway.attempt.cause", (object?)attempt.Cause)]);
        Activity.Current = null; // attempts are siblings, whoever began last
        return made;
    }

    /// <summary>An attempt is over.</summary>
    public void End(Attempt attempt, AttemptRecord record)
    {
        var provider = Providers.Of(attempt.Target.Upstream);
        if (record.Committed) answeredBy = provider;
        metrics.Attempted(call, attempt.Model, attempt.Target, record, provider);
        if (attempt.Span is not { } of) return;
        of.SetTag("gateway.attempt.reason", record.Reason);
        if (record.Status > 0) of.SetTag("http.response.status_code", record.Status);
        if (record.FirstToken is { } first)
        {
            of.AddEvent(new ActivityEvent("first_token", of.StartTimeUtc + first));
            if (call.Body.Stream) of.SetTag("gen_ai.response.time_to_first_chunk", first.TotalSeconds);
        }

        if (attempt.Facts is { } facts)
        {
            Say(of, facts, attempt.Target.Upstream);
            if (record.Committed && span is not null) Say(span, facts, attempt.Target.Upstream);
            if (record.Committed) SayUsage(of);
        }

        if (record.Reason is not (Reasons.Ok or Reasons.ClientLeft or Reasons.Outrun)) of.SetTag("error.type", record.Reason).SetStatus(ActivityStatusCode.Error);
        of.Dispose();
    }

    /// <summary>The call is over, with what it was refused with if it was.</summary>
    public void End(Problem? problem)
    {
        var (outcome, status) = CallOutcomes.Of(call, problem);
        (Outcome, Status) = (outcome, status);
        metrics.Called(call, outcome, status, answeredBy);
        if (span is null) return;
        span.SetTag("gateway.outcome", outcome).SetTag("http.response.status_code", status).SetTag("gateway.attempts", call.Begun);
        if (outcome is CallOutcomes.Ok)
        {
            SayUsage(span);
        }
        else
        {
            span.SetTag("error.type", problem?.Error.Error.Code ?? outcome);
            if (outcome is CallOutcomes.Failed or CallOutcomes.Broken or CallOutcomes.Deadline) span.SetStatus(ActivityStatusCode.Error);
        }

        span.Dispose();
    }

    // Upstreams choose these words: a key among them stays out as it does out of errors.
    private static void Say(Activity of, AnswerFacts facts, Upstream upstream)
    {
        if (facts.Id is { } id) of.SetTag("gen_ai.response.id", upstream.Secrets.Redact(id));
        if (facts.Model is { } model) of.SetTag("gen_ai.response.model", upstream.Secrets.Redact(model));
        if (facts.FinishReasons.Count > 0) of.SetTag("gen_ai.response.finish_reasons", facts.FinishReasons.Select(upstream.Secrets.Redact).ToArray());
    }

    private void SayUsage(Activity of)
    {
        of.SetTag("gen_ai.usage.input_tokens", call.Usage.Prompt).SetTag("gen_ai.usage.output_tokens", call.Usage.Completion);
        if (call.Usage.Cached > 0) of.SetTag("gen_ai.usage.cache_read.input_tokens", call.Usage.Cached);
        if (call.Usage.Reasoning > 0) of.SetTag("gen_ai.usage.reasoning.output_tokens", call.Usage.Reasoning);
        if (call.Usage.IsEstimated) of.SetTag("gateway.usage.estimated", true);
    }

    /// <summary>One of <see cref="CallOutcomes"/>, once it is over.</summary>
    public string Outcome { get; private set; } = "";

    /// <summary>What the client saw, once it is over.</summary>
    public int Status { get; private set; }
}
