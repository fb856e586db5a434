using System.Text.Json;

namespace Gateway.Configuration;

/// <summary>One published model: local, which has a <see cref="Path"/>, or served by <see cref="Targets"/>.</summary>
public sealed record ModelOptions
{
    /// <summary>A folder with <c>config.json</c> and safetensors, or with one <c>.gguf</c>, or the <c>.gguf</c> file; or <c>hf:org/name</c>, pulled at its first use.</summary>
    public string? Path { get; init; }

    /// <summary><c>auto</c>, <c>torch</c> or <c>onnx</c>.</summary>
    public string Backend { get; init; } = "auto";

    /// <summary><c>auto</c>, <c>cpu</c> or <c>cuda[:n]</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary><c>auto</c>, <c>f32</c>, <c>f16</c>, <c>bf16</c>, <c>q8</c> or <c>q4</c>; which of them an engine has, it says when it loads.</summary>
    public string Weights { get; init; } = "auto";

    /// <summary>Most tokens of prompt and answer; the model's own where absent.</summary>
    public int? Context { get; init; }

    /// <summary>Idle time after which the model's worker is ended.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether the model loads at start and not at its first call.</summary>
    public bool Preload { get; init; }

    /// <summary>Where it is served.</summary>
    public List<TargetOptions> Targets { get; init; } = [];

    /// <summary>How one of several targets is chosen: <c>least-work</c>, <c>power-of-two</c>, <c>weighted</c>, <c>ordered</c>, <c>latency</c> or <c>prefix</c>.</summary>
    public string Routing { get; init; } = "least-work";

    /// <summary>Published names that are asked, in order, when this model cannot answer.</summary>
    public List<string> Fallbacks { get; init; } = [];

    /// <summary>What the fallbacks are for: <c>failure</c>, <c>context</c> (the prompt is too long for this model), <c>content</c> (its policy refused).</summary>
    public List<string> FallbackOn { get; init; } = ["failure", "context", "content"];

    /// <summary>Other names; <c>*</c> stands for one or more characters.</summary>
    public List<string> Aliases { get; init; } = [];

    /// <summary>Fields of a request that does not have them.</summary>
    public Dictionary<string, JsonElement> Defaults { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Fields of every request, whatever it says.</summary>
    public Dictionary<string, JsonElement> Overrides { get; init; } = new(StringComparer.Ordinal);

    /// <summary>How long each part of an attempt may take.</summary>
    public TimeoutOptions Timeouts { get; init; } = new();

    /// <summary>Most further attempts of one call, over targets, fallbacks and hedges.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>A time, or <c>p95</c>: when no first token has come by then, a second target is asked as well and the first to answer wins.</summary>
    public string? HedgeAfter { get; init; }

    /// <summary>When a target is left alone.</summary>
    public BreakerOptions Breaker { get; init; } = new();

    /// <summary>What tokens cost; nothing where absent.</summary>
    public PriceOptions? Price { get; init; }
}

/// <summary>One place where a model is served.</summary>
public sealed record TargetOptions
{
    /// <summary>A name of <c>Gateway:Upstreams</c>.</summary>
    public string? Upstream { get; init; }

    /// <summary>A local model, in place of an upstream.</summary>
    public string? Local { get; init; }

    /// <summary>The model's name there; the name that the caller used where absent.</summary>
    public string? Model { get; init; }

    /// <summary>Its share among targets of the same order.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Targets of a higher order are asked when none of a lower one can be.</summary>
    public int Order { get; init; }
}

/// <summary>The three timers of an attempt; there is none for the whole.</summary>
public sealed record TimeoutOptions
{
    /// <summary>Until the connection stands.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From there to a stream's first data event, or to a plain answer's head.</summary>
    public TimeSpan FirstToken { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Between bytes after that.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>When a target's breaker opens, and how it closes again.</summary>
public sealed record BreakerOptions
{
    /// <summary>Failures in a row, or within <see cref="Window"/> where they are at least half of the attempts.</summary>
    public int Failures { get; init; } = 5;

    /// <summary>How far back failures count.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the target is left alone.</summary>
    public TimeSpan Break { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Calls that try it after that, one at a time; when all succeed it is closed.</summary>
    public int Probes { get; init; } = 1;

    /// <summary>How long a target that came back is given less than its share.</summary>
    public TimeSpan SlowStart { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Money for a million tokens.</summary>
public sealed record PriceOptions
{
    /// <summary>Of a prompt.</summary>
    public decimal InputPerMillion { get; init; }

    /// <summary>Of a prompt's part that was in a cache; as any other where absent.</summary>
    public decimal? CachedPerMillion { get; init; }

    /// <summary>Of an answer.</summary>
    public decimal OutputPerMillion { get; init; }

    /// <summary>What a call costs.</summary>
    /// <param name="prompt">Tokens read, the cached ones among them.</param>
    /// <param name="cached">Of those, the ones that were in a cache.</param>
    /// <param name="completion">Tokens made.</param>
    public decimal Of(long prompt, long cached, long completion) =>
        (((prompt - Math.Min(cached, prompt)) * InputPerMillion) + (Math.Min(cached, prompt) * (CachedPerMillion ?? InputPerMillion)) + (completion * OutputPerMillion)) / 1_000_000;
}
