using Gateway.Engine.Backend;
using Gateway.Engine.Runner;

namespace Gateway.Engine.Measures;

/// <summary>
/// What the engine's thread has seen: of every step, every token and every request, in vLLM's terms. A request is one sequence. Written by that
/// thread alone, a few additions a token and no allocation; read by any.
/// </summary>
public sealed class EngineMeasures
{
    private readonly TimeProvider time;
    private readonly Counter[] ended = [new(), new(), new(), new()];

    internal EngineMeasures(RunnerShape shape, TimeProvider time)
    {
        (Shape, this.time) = (shape, time);
        RequestPromptTokens = new Histogram(Bounds.Tokens(shape.ContextLength));
        RequestGeneratedTokens = new Histogram(Bounds.Tokens(shape.ContextLength));
        RequestMaxTokens = new Histogram(Bounds.Tokens(shape.ContextLength));
    }

    /// <summary>Of the cache.</summary>
    public RunnerShape Shape { get; }

    /// <summary>Tokens of prompts that were read to their end, cached ones included.</summary>
    public Counter PromptTokens { get; } = new();

    /// <summary>Tokens made, ending ones included.</summary>
    public Counter GeneratedTokens { get; } = new();

    /// <summary>Prompt tokens that were looked for in the prefix cache.</summary>
    public Counter PrefixQueries { get; } = new();

    /// <summary>Those that were there.</summary>
    public Counter PrefixHits { get; } = new();

    /// <summary>How often a sequence lost its blocks to another.</summary>
    public Counter Preemptions { get; } = new();

    /// <summary>Tokens computed in a step.</summary>
    public Histogram StepTokens { get; } = new(Bounds.StepTokens);

    /// <summary>Seconds from a request's arrival to its first token.</summary>
    public Histogram FirstToken { get; } = new(Bounds.FirstToken);

    /// <summary>Seconds between two tokens of a sequence.</summary>
    public Histogram BetweenTokens { get; } = new(Bounds.BetweenTokens);

    /// <summary>The same as a mean over each request. This and what follows is of requests that ended by themselves.</summary>
    public Histogram RequestBetweenTokens { get; } = new(Bounds.BetweenTokens);

    /// <summary>Seconds from arrival to end.</summary>
    public Histogram EndToEnd { get; } = new(Bounds.Latency);

    /// <summary>Seconds from arrival to the first step.</summary>
    public Histogram Queue { get; } = new(Bounds.Latency);

    /// <summary>Seconds from the first step to the first token.</summary>
    public Histogram Prefill { get; } = new(Bounds.Latency);

    /// <summary>Seconds from the first token to the last.</summary>
    public Histogram Decode { get; } = new(Bounds.Latency);

    /// <summary>Seconds from the first step to the end.</summary>
    public Histogram Inference { get; } = new(Bounds.Latency);

    /// <summary>Tokens of a prompt.</summary>
    public Histogram RequestPromptTokens { get; }

    /// <summary>Tokens made for a request.</summary>
    public Histogram RequestGeneratedTokens { get; }

    /// <summary>Most tokens that were asked for.</summary>
    public Histogram RequestMaxTokens { get; }

    /// <summary>Candidates that a prompt's caller wanted, once for all of them.</summary>
    public Histogram Candidates { get; } = new(Bounds.Candidates);

    /// <summary>Requests that ended so.</summary>
    public long Ended(EndReason reason) => ended[(int)reason].Value;

    internal void Step(int tokens) => StepTokens.Observe(tokens);

    /// <summary>A step that began at <paramref name="began"/> was the first to compute any of it.</summary>
    internal void Taken(Generation generation, long began)
    {
        generation.Taken = began;
        if (generation.ScoresPrompt) return; // every position's logits are wanted: the cache is not asked
        PrefixQueries.Add(generation.PromptLength);
        PrefixHits.Add(generation.CachedTokens);
    }

    /// <summary>It has one token more.</summary>
    internal void Token(Generation generation)
    {
        var now = time.GetTimestamp();
        GeneratedTokens.Add(1);
        if (generation.LastToken is not { } last)
        {
            generation.FirstToken = now;
            PromptTokens.Add(generation.PromptLength);
            FirstToken.Observe(Seconds(generation.Arrived, now));
        }
        else
        {
            BetweenTokens.Observe(Seconds(last, now));
        }

        generation.LastToken = now;
    }

    internal void Ended(Generation generation, EndReason reason)
    {
        ended[(int)reason].Add(1);
        if (reason is EndReason.Abort or EndReason.Error || generation.Taken is not { } taken) return;
        var now = time.GetTimestamp();
        if (generation.LastToken is null) PromptTokens.Add(generation.PromptLength); // only scored
        EndToEnd.Observe(Seconds(generation.Arrived, now));
        Queue.Observe(Seconds(generation.Arrived, taken));
        Prefill.Observe(Seconds(taken, generation.FirstToken ?? now));
        Decode.Observe(generation is { FirstToken: { } first, LastToken: { } last } ? Seconds(first, last) : 0);
        Inference.Observe(Seconds(taken, generation.LastToken ?? now));
        RequestPromptTokens.Observe(generation.PromptLength);
        RequestGeneratedTokens.Observe(generation.Generated);
        if (generation.Generated > 1) RequestBetweenTokens.Observe(Seconds(generation.FirstToken!.Value, generation.LastToken!.Value) / (generation.Generated - 1));
        if (generation.MaxNewTokens > 0) RequestMaxTokens.Observe(generation.MaxNewTokens);
        if (generation.Request.Candidates is { } candidates) Candidates.Observe(candidates);
    }

    private double Seconds(long from, long to) => time.GetElapsedTime(from, to).TotalSeconds;
}
