using System.Runtime.CompilerServices;
using Gateway.Calls;
using Gateway.Errors;
using Gateway.LocalWorkers;
using Gateway.Models;
using Gateway.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>
/// One attempt at one target, in two parts. <see cref="BeginAsync"/> sends and waits until it is clear whether this attempt can answer:
/// nothing has reached the client by then. <see cref="GoOnAsync"/> lets the answer pass. YARP moves the bytes; it is given a request context of
/// its own, so that two attempts may run at once and a failed one leaves no trace.
/// </summary>
internal sealed class Attempt : IDisposable
{
    private const int LargeBody = 1 << 20; // bytes; many an upstream refuses one, and would close the connection while it is sent

    private readonly IHttpForwarder yarp;
    private readonly TimeProvider time;
    private readonly long began;
    private readonly CancellationTokenSource expire;
    private readonly TaskCompletionSource<AttemptResult> verdict = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource? goOn;
    private UpstreamLease lease;
    private SentBody? body;
    private AttemptSender? sender;
    private Task<ForwarderError>? running;
    private bool asks; // before it sends its body
    private bool sentAnything;
    private AttemptRequest? shown; // to YARP

    /// <param name="call">Whom for.</param>
    /// <param name="model">What is asked for: a fallback may be.</param>
    /// <param name="name">What that is asked for as.</param>
    /// <param name="target">Who is asked.</param>
    /// <param name="usage">What becomes of the option that asks for usage.</param>
    /// <param name="races">Whether another attempt may run beside it: then its answer waits until it has won.</param>
    /// <param name="yarp">Moves the bytes.</param>
    /// <param name="time">The clock.</param>
    public Attempt(Call call, PublishedModel model, string name, Target target, UsageOption usage, bool races, IHttpForwarder yarp, TimeProvider time)
    {
        if (races) goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        (Call, Model, Name, Target, Usage, this.yarp, this.time) = (call, model, name, target, usage, yarp, time);
        began = time.GetTimestamp();
        expire = CancellationTokenSource.CreateLinkedTokenSource(call.Http.RequestAborted, call.Farewell);
        Timer = new AttemptTimer(time, call.Deadline, expire);
    }

    public Call Call { get; }

    public PublishedModel Model { get; }

    /// <summary>What it is asked for as: a pattern's models have the names that they are asked for by.</summary>
    public string Name { get; }

    public Target Target { get; }

    /// <summary>The model's name at the target.</summary>
    public string ModelThere => Target.Model ?? Name;

    /// <summary>What the target gets of the option that asks for usage.</summary>
    public UsageOption Usage { get; }

    /// <summary>Why it is made, one of <see cref="Causes"/>.</summary>
    public required string Cause { get; init; }

    /// <summary>Its span, where somebody listens.</summary>
    public System.Diagnostics.Activity? Span
    {
        get;
        set => (field, Facts) = (value, value is null ? null : new AnswerFacts());
    }

    /// <summary>What its answer says of itself, for its span.</summary>
    public AnswerFacts? Facts { get; private set; }

    public AttemptTimer Timer { get; }

    /// <summary>Cancelled when the client leaves, a timer runs out, the program ends, or another attempt was faster.</summary>
    public CancellationToken Cancelled => expire.Token;

    /// <summary>Why the gateway itself ended it, one of <see cref="Reasons"/>; null where it did not.</summary>
    public string? CutShort => Timer.Expired ?? (Call.Farewell.IsCancellationRequested ? Reasons.Stopping : null);

    /// <summary>Until the first token or the head; null before.</summary>
    public TimeSpan? FirstToken { get; private set; }

    /// <summary>How a stream that was let pass ended.</summary>
    public string End { get; set; } = Reasons.Ok;

    /// <summary>Sends, and returns when it is clear what this attempt is worth.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<AttemptResult> BeginAsync(CancellationToken outrun)
    {
        await using var racing = outrun.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), expire);
        try
        {
            // A local model that loads takes as long as it takes; only the client's deadline ends that.
            Timer.Enter(Reasons.Unavailable, null);
            lease = await Target.Upstream.OpenAsync(Cancelled);
        }
        catch (UpstreamUnavailableException e)
        {
            return new AttemptResult(Verdict.Transient, Reasons.Unavailable, e.Problem) { SameAgain = false };
        }
        catch (OperationCanceledException)
        {
            return Interrupted(ForwarderError.RequestCanceled);
        }

        running = SendAsync();
        // Without a race the answer passes at once, and this returns when it has: no thread waits for another.
        if (goOn is not null) await Task.WhenAny(verdict.Task, running);
        else await running;
        return verdict.Task.IsCompletedSuccessfully ? await verdict.Task : Interrupted(await running);
    }

    /// <summary>Lets the answer pass and returns when it is over.</summary>
    public async Task GoOnAsync()
    {
        (Call.Answering, Call.AnsweringName) = (Model, Name); // a hedge may have been for another
        goOn?.TrySetResult();
        var error = await running!;
        if (error != ForwarderError.None && End == Reasons.Ok) End = Call.Http.RequestAborted.IsCancellationRequested ? Reasons.ClientLeft : CutShort ?? Reasons.Reset;
    }

    /// <summary>The verdict is in; the transformer's answer waits until it may pass.</summary>
    public Task AnswersAsync(int status)
    {
        var now = time.GetTimestamp();
        Target.Health.Succeeded(now);
        Target.Health.Latency.Add(FirstToken!.Value);
        Model.Latency.Add(FirstToken!.Value);
        verdict.TrySetResult(new AttemptResult(Verdict.Answers, Reasons.Ok) { Status = status, Attempt = this });
        return goOn?.Task.WaitAsync(Cancelled) ?? Task.CompletedTask;
    }

    /// <summary>It had not answered when nobody waited for it any longer.</summary>
    public void TookLonger()
    {
        var elapsed = time.GetElapsedTime(began);
        Target.Health.Latency.AddAtLeast(elapsed);
        Model.Latency.AddAtLeast(elapsed);
    }

    public void Decide(AttemptResult result) => verdict.TrySetResult(result);

    /// <summary>The first thing that counts has come.</summary>
    public void CameFirst() => FirstToken ??= time.GetElapsedTime(began);

    public AttemptRecord Record(string reason, int status, bool committed) =>
        new(Target.Upstream.Name, ModelThere, reason, status, began, time.GetElapsedTime(began), FirstToken, committed)
        {
            Cause = Cause,
            Detail = reason == Reasons.Connect ? ConnectFailures.Of(shown?.Failure, Redact) : null,
            Sent = sentAnything,
        };

    /// <summary>What an upstream says, without keys and addresses of its own or of another.</summary>
    public string Redact(string text) => Target.Upstream.Secrets.Redact(Call.Snapshot.Catalogue.Secrets.Redact(text)); // all together first: one key may begin as another

    /// <summary>Ends it, wherever it is.</summary>
    public void Cancel() => expire.Cancel();

    public void Dispose()
    {
        Timer.Dispose();
        // Nothing that waits behind this call would be answered either.
        if (Timer.Expired is Reasons.FirstTokenTimeout or Reasons.IdleTimeout) lease.Worker?.GiveUpIfStuck(Model.Options.Timeouts.FirstToken);
        lease.Dispose();
        sender?.Dispose();
        body?.Dispose();
        expire.Dispose();
    }

    private Task<ForwarderError> SendAsync()
    {
        var upstream = Target.Upstream;
        body = new SentBody(BodyEdit.Apply(Call.Body, ModelThere, Model.Edits, Usage, kept: Call.Observer is not null), this);
        shown = new AttemptRequest(Call.Http.Request, Call.Path);
        var (version, policy) = upstream.Http;
        var config = new ForwarderRequestConfig { ActivityTimeout = Timeout.InfiniteTimeSpan, Version = version, VersionPolicy = policy };
        asks = version.Major < 2 && lease.Worker is null && body.Length >= LargeBody;
        sender = new AttemptSender(lease.Client, body, asks);
        Timer.Enter(Reasons.ConnectTimeout, asks ? Model.Options.Timeouts.Connect + UpstreamConnections.AskedFor : Model.Options.Timeouts.Connect);
        return yarp.SendAsync(new DefaultHttpContext(shown), "http://upstream", sender, config, new AttemptTransformer(this, body), Cancelled).AsTask();
    }

    /// <summary>The request body was asked for, so the connection stands.</summary>
    public void Connected()
    {
        if (sentAnything) return;
        sentAnything = true;
        var bound = Model.Options.Timeouts.FirstToken;
        // A worker's head of a plain answer comes with its last token: what says that it gets on is its steps.
        if (Call.Body.Stream || lease.Worker is not { } worker) Timer.Enter(Reasons.FirstTokenTimeout, bound);
        else Timer.Enter(Reasons.FirstTokenTimeout, bound > WorkerPulse.ShortestBound ? bound : WorkerPulse.ShortestBound, worker.Pulse);
    }

    // Nothing says when a head was sent; that a connection broke, or was answered with something else, says that there was one.
    private bool WasThere => shown?.Failure is HttpRequestException { HttpRequestError: not (HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError) };

    // It ended without a verdict: the network, a timer, the client, or another attempt.
    private AttemptResult Interrupted(ForwarderError error)
    {
        if (Call.Http.RequestAborted.IsCancellationRequested) return new AttemptResult(Verdict.Abandoned, Reasons.ClientLeft);
        switch (CutShort)
        {
            case Reasons.Deadline:
                return new AttemptResult(Verdict.Refused, Reasons.Deadline, Problems.DeadlineOver());
            case Reasons.Stopping:
                return new AttemptResult(Verdict.Refused, Reasons.Stopping, Problems.Stopping());
            case { } expired:
                return new AttemptResult(Verdict.Transient, expired, Problems.TimedOut(Model.Name, expired));
        }

        if (expire.IsCancellationRequested) return new AttemptResult(Verdict.Abandoned, Reasons.Outrun);
        return error == ForwarderError.Request && FirstToken is null && !sentAnything && !(asks && WasThere)
            ? new AttemptResult(Verdict.Transient, Reasons.Connect, Problems.UpstreamUnreachable(Model.Name))
            : new AttemptResult(Verdict.Transient, Reasons.Reset, Problems.UpstreamBroke(Model.Name));
    }
}
