using Gateway.Keys;
using Gateway.Policies;
using Gateway.Policies.Redis;
using Gateway.Pulling;
using Gateway.ResponseCache;
using Gateway.StoredCompletions;
using Gateway.Telemetry;
using Gateway.Usage;

namespace Gateway.Configuration;

/// <summary>Everything under <c>Gateway</c>. The initialisers are the defaults.</summary>
public sealed record GatewayOptions
{
    /// <summary>Each sub-folder with a model is published under its name.</summary>
    public string ModelsFolder { get; init; } = "models";

    /// <summary>Whether the model that comes with the program is published.</summary>
    public bool EmbeddedModel { get; init; } = true;

    /// <summary>Places that calls are forwarded to, by name.</summary>
    public Dictionary<string, UpstreamOptions> Upstreams { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Models by published name. A name with <c>*</c> is a pattern: each name that it matches is a model.</summary>
    public Dictionary<string, ModelOptions> Models { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Further attempts that all calls together may make.</summary>
    public RetryBudgetOptions RetryBudget { get; init; } = new();

    /// <summary>Bounds of one call.</summary>
    public LimitOptions Limits { get; init; } = new();

    /// <summary>Where models are pulled from.</summary>
    public HubOptions Hub { get; init; } = new();

    /// <summary>SQLite's connection string, or PostgreSQL's. Nothing is opened before there is something to keep.</summary>
    public string Database { get; init; } = "Data Source=gateway.db";

    /// <summary>Answers given again to the very same question.</summary>
    public CacheOptions Cache { get; init; } = new();

    /// <summary>Chat completions kept for callers.</summary>
    public StoredCompletionOptions StoredCompletions { get; init; } = new();

    /// <summary>What calls used, kept in the database. Read at start.</summary>
    public UsageOptions Usage { get; init; } = new();

    /// <summary>What <c>/metrics</c> says.</summary>
    public MetricsOptions Metrics { get; init; } = new();

    /// <summary>Opens <c>/admin/v1</c>, and <c>/metrics</c> where it has no port of its own. Without one both answer this machine only.</summary>
    [Secret]
    public string? AdminKey { get; init; }

    /// <summary>Whether a browser finds a page at <c>/</c>, where administration is.</summary>
    public bool Console { get; init; } = true;

    /// <summary>Who may call, beside the keys in the database.</summary>
    public List<KeyOptions> Keys { get; init; } = [];

    /// <summary>How much the keys of a team may use together, by its name.</summary>
    public Dictionary<string, CallerLimits> Teams { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Whether a call without a key is answered where there are keys, or where other machines may call.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>What an address may get wrong.</summary>
    public BruteForceOptions BruteForce { get; init; } = new();

    /// <summary>Tokens of an identity provider, in place of keys.</summary>
    public JwtOptions? Jwt { get; init; }

    /// <summary>Addresses, set apart by <c>;</c>, that the two are served on and nowhere else. Read at start.</summary>
    public string? AdminUrls { get; init; }

    /// <summary>The time zone of budgets' days and months, by its IANA name.</summary>
    public string BudgetTimeZone { get; init; } = "UTC";

    /// <summary>A Redis in which several gateways count calls together (<c>host:port,password=…</c>); each counts by itself where absent. Read at start.</summary>
    [Secret]
    public string? Redis { get; init; }

    /// <summary>How long a call waits for it. Read at start.</summary>
    public TimeSpan RedisTimeout { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>What happens to calls with limits while it cannot be asked: <c>open</c>, each gateway counts by itself; <c>closed</c>, they are refused.</summary>
    public string WhenRedisIsGone { get; init; } = SharedLimits.Open;

    /// <summary>How long running streams may go on once the program is told to stop.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>Bounds of one call.</summary>
public sealed record LimitOptions
{
    /// <summary>Largest request body.</summary>
    public long MaxRequestBodyBytes { get; init; } = 32L << 20;

    /// <summary>Largest plain answer taken from an upstream.</summary>
    public long MaxResponseBytes { get; init; } = 256L << 20;

    /// <summary>Tokens that a call without a limit of its own counts for, beside its prompt.</summary>
    public int TokensReservedByDefault { get; init; } = 256;
}
