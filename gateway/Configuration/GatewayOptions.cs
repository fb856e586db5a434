using Gateway.Pulling;
using Gateway.StoredCompletions;

namespace Gateway.Configuration;

/// <summary>Everything under <c>Gateway</c>. The initialisers are the defaults.</summary>
public sealed record GatewayOptions
{
    /// <summary>Each sub-folder with a model is published under its name.</summary>
    public string ModelsFolder { get; init; } = "models";

    /// <summary>Whether the model that comes with the program is published.</summary>
    public bool EmbeddedModel { get; init; } = true;

    /// <summary>Models by published name.</summary>
    public Dictionary<string, ModelOptions> Models { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Bounds of one call.</summary>
    public LimitOptions Limits { get; init; } = new();

    /// <summary>Where models are pulled from.</summary>
    public HubOptions Hub { get; init; } = new();

    /// <summary>SQLite's connection string, or PostgreSQL's. Nothing is opened before there is something to keep.</summary>
    public string Database { get; init; } = "Data Source=gateway.db";

    /// <summary>Chat completions kept for callers.</summary>
    public StoredCompletionOptions StoredCompletions { get; init; } = new();

    /// <summary>How long running streams may go on once the program is told to stop.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>One local model.</summary>
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

    /// <summary>Other names; <c>*</c> stands for one or more characters.</summary>
    public List<string> Aliases { get; init; } = [];
}

/// <summary>Bounds of one call.</summary>
public sealed record LimitOptions
{
    /// <summary>Largest request body.</summary>
    public long MaxRequestBodyBytes { get; init; } = 32L << 20;

    /// <summary>Largest plain answer taken from an upstream.</summary>
    public long MaxResponseBytes { get; init; } = 256L << 20;
}
