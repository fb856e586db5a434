using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Gateway.Calls;
using Gateway.Configuration;
using Gateway.Errors;
using Gateway.Forwarding;
using Gateway.Keys;
using Gateway.Models;
using Gateway.Routing;

namespace Gateway.Telemetry;

/// <summary>
/// What is counted. Labels are bounded: models by their published names, a pattern as itself, unknown ones as <c>unknown</c>; upstreams by
/// their names, both as far as <see cref="MetricLabels"/> has room; reasons and outcomes of closed vocabularies; keys by name where settings
/// choose them (<see cref="KeyLabels"/>). Never a key itself, an address or an id. Thread-safe.
/// </summary>
public sealed class GatewayMetrics
{
    /// <summary>Most series of one instrument: every bound of <see cref="MetricLabels"/> with four outcomes. Only what is beyond it does the library cut.</summary>
    public const int MostSeries = 12_000;

    private const string Unknown = "unknown";

    private readonly MetricLabels labels;
    private readonly Counter<long> calls;
    private readonly Counter<long> retries;
    private readonly Counter<long> hedges;
    private readonly Histogram<double> callDuration;
    private readonly Histogram<double> firstToken;
    private readonly Histogram<double> outputToken;
    private readonly Histogram<double> attemptDuration;
    private readonly Histogram<long> tokens;
    private readonly ConcurrentDictionary<(string Upstream, string Model), Tally> attempts = new();

    /// <summary>Makes the instruments; gauges look at <paramref name="settings"/> when they are read.</summary>
    public GatewayMetrics(IMeterFactory meters, MeterName name, MetricLabels labels, LiveSettings settings, TimeProvider time)
    {
        this.labels = labels;
        var meter = meters.Create(name.Value);
        calls = meter.CreateCounter<long>("gateway.calls", description: "Calls that are over, by how they ended.");
        meter.CreateObservableCounter("gateway.attempts", Attempts, description: "Attempts that are over, by what became of them.");
        retries = meter.CreateCounter<long>("gateway.retries", description: "Attempts after a call's first one, hedges not among them.");
        hedges = meter.CreateCounter<long>("gateway.hedges", description: "Attempts made beside one that had not answered yet.");
        callDuration = meter.CreateHistogram("gen_ai.server.request.duration", "s", "Of a whole call, as its client sees it.", null, Buckets.Seconds);
        firstToken = meter.CreateHistogram("gen_ai.server.time_to_first_token", "s", "From a call's beginning to the first data event of its stream.", null, Buckets.FirstToken);
        outputToken = meter.CreateHistogram("gen_ai.server.time_per_output_token", "s", "From the first data event of a stream to its end, for each token after the first.", null, Buckets.OutputToken);
        attemptDuration = meter.CreateHistogram("gen_ai.client.operation.duration", "s", "Of one attempt at an upstream.", null, Buckets.Seconds);
        tokens = meter.CreateHistogram("gen_ai.client.token.usage", "{token}", "Tokens of an answer, as its upstream counted them or as they were estimated.", null, Buckets.Tokens);
        var gauges = new RoutingGauges(settings, labels, time);
        meter.CreateObservableGauge("gateway.upstream.calls", gauges.Calls, description: "Attempts that run now.");
        meter.CreateObservableGauge("gateway.upstream.outstanding.tokens", gauges.OutstandingTokens, description: "Tokens of the attempts that run now: of their prompts, and those that their answers may have.");
        meter.CreateObservableGauge("gateway.upstream.up", gauges.Up, description: "What the active probe found last; 1 where none is made.");
        meter.CreateObservableGauge("gateway.breaker.state", gauges.Breakers, description: "0 closed, 1 half-open, 2 open, 3 ejected by a 429.");
    }

    internal void Called(Call call, string outcome, int status, string provider)
    {
        var model = labels.Model(call.Model.Name);
        Count(model, call.Caller, call.Snapshot.Options, outcome, status);
        var (operation, elapsed) = (Operations.Of(call.Path), call.Time.GetElapsedTime(call.Began));
        var first = call.Body.Stream ? FirstTokenOf(call) : null;
        var tags = Of(operation, Providers.Gateway, model);
        if (outcome == CallOutcomes.Ok && call.Usage is { Prompt: var read, Completion: var made })
        {
            Used(call, Of(operation, provider, model), "input", read);
            if (made > 0) Used(call, Of(operation, provider, model), "output", made);
            if (made > 1 && first is { } began) outputToken.Record((elapsed - began).TotalSeconds / (made - 1), tags);
        }

        if (first is { } waited) firstToken.Record(waited.TotalSeconds, tags);
        if (outcome != CallOutcomes.Ok) tags.Add("error.type", outcome);
        callDuration.Record(elapsed.TotalSeconds, tags);
    }

    /// <summary>A call that no upstream was to be asked for; null for a model that is not known.</summary>
    internal void Refused(PublishedModel? model, Caller caller, GatewayOptions options, Problem problem)
    {
        var (outcome, status) = CallOutcomes.Of(problem);
        Count(model is null ? Unknown : labels.Model(model.Name), caller, options, outcome, status);
    }

    /// <summary>A call that was answered without anybody being asked.</summary>
    internal void Cached(Call call)
    {
        var model = labels.Model(call.Model.Name);
        Count(model, call.Caller, call.Snapshot.Options, CallOutcomes.Cached, 200);
        callDuration.Record(call.Time.GetElapsedTime(call.Began).TotalSeconds, Of(Operations.Of(call.Path), Providers.Gateway, model));
    }

    internal void Attempted(Call call, PublishedModel asked, Target target, AttemptRecord attempt, string provider)
    {
        // Looked up once: what has a label keeps it, and of thousands of targets each is a stranger to the processor's cache as it is.
        var tally = target.Tally ??= attempts.GetOrAdd(labels.Pair(target.Upstream.Name, asked.Name), static pair => new Tally(pair.Upstream, pair.Model));
        tally.Add(attempt.Reason);
        if (attempt.Cause == Causes.Hedge) hedges.Add(1, new TagList { { "model", labels.Model(asked.Name) } });
        else if (attempt.Cause != Causes.First) retries.Add(1, new TagList { { "model", labels.Model(asked.Name) }, { "cause", attempt.Cause } });
        var tags = Of(Operations.Of(call.Path), provider, tally.Model);
        tags.Add("upstream", tally.Upstream);
        if (attempt.Reason != Reasons.Ok) tags.Add("error.type", attempt.Reason);
        attemptDuration.Record(attempt.Elapsed.TotalSeconds, tags);
    }

    private IEnumerable<Measurement<long>> Attempts() =>
        from tally in attempts.Values
        from count in tally.Counts
        select new Measurement<long>(count.Attempts, new TagList { { "upstream", tally.Upstream }, { "model", tally.Model }, { "reason", count.Reason } });

    private void Count(string model, Caller caller, GatewayOptions options, string outcome, int status)
    {
        var tags = new TagList { { "model", model }, { "outcome", outcome }, { "status", Text(status) } };
        KeyLabels.Add(ref tags, caller, options, labels);
        calls.Add(1, tags);
    }

    private void Used(Call call, TagList tags, string type, long count)
    {
        tags.Add("gen_ai.token.type", type);
        KeyLabels.Add(ref tags, call.Caller, call.Snapshot.Options, labels);
        tokens.Record(count, tags);
    }

    private static TagList Of(string operation, string provider, string model) => new() { { "gen_ai.operation.name", operation }, { "gen_ai.provider.name", provider }, { "gen_ai.request.model", model } };

    private static TimeSpan? FirstTokenOf(Call call)
    {
        foreach (var attempt in call.Attempts)
            if (attempt is { Committed: true, FirstToken: { } first }) return call.Time.GetElapsedTime(call.Began, attempt.Began) + first;
        return null;
    }

    private static string Text(int status) => status switch { 200 => "200", 400 => "400", 404 => "404", 429 => "429", 502 => "502", 503 => "503", 504 => "504", _ => status.ToString(CultureInfo.InvariantCulture) };
}
