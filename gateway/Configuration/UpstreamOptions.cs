using System.Text.Json.Serialization;

namespace Gateway.Configuration;

/// <summary>A place that speaks the OpenAI wire: a worker, another gateway, another server, a provider.</summary>
public sealed record UpstreamOptions
{
    /// <summary>Its base address, up to and with <c>/v1</c> where it has one.</summary>
    public string? Address { get; init; }

    /// <summary><c>openai</c>, or <c>azure</c> for paths by deployment and the key in the header <c>api-key</c>.</summary>
    public string Kind { get; init; } = "openai";

    /// <summary>The query parameter <c>api-version</c> of every request.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>The key that calls are made with.</summary>
    [Secret]
    public string? ApiKey { get; init; }

    /// <summary>A file that holds the key; read again when it changes.</summary>
    public string? ApiKeyFile { get; init; }

    /// <summary>Headers of every request, in place of what the caller sent.</summary>
    [Secret]
    public Dictionary<string, string> Headers { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Most calls at once; no bound where absent.</summary>
    public int? MaxConcurrent { get; init; }

    /// <summary><c>1.1</c>, or <c>2</c>: over TLS by negotiation, else HTTP/2 at once (h2c).</summary>
    public string Http { get; init; } = "1.1";

    /// <summary>Asks whether it is there, besides the calls themselves.</summary>
    public ProbeOptions? Probe { get; init; }
}

/// <summary>An active probe.</summary>
public sealed record ProbeOptions
{
    /// <summary>Asked for with GET, seen from the address' root; any answer below 500 is a good one.</summary>
    public string Path { get; init; } = "/health";

    /// <summary>Time between two.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Most time that one may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>Bounds the attempts that all calls together make beyond their first.</summary>
public sealed record RetryBudgetOptions
{
    /// <summary>Of the calls of the last ten seconds.</summary>
    public double Share { get; init; } = 0.1;

    /// <summary>Allowed in ten seconds however few calls there are.</summary>
    public int Floor { get; init; } = 10;
}

/// <summary>Never printed.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute;
