namespace Gateway.Pulling;

/// <summary>Where models are pulled from. The token comes from the environment variable <c>HF_TOKEN</c> and is no setting.</summary>
public sealed record HubOptions
{
    /// <summary>A server with Hugging Face's HTTP API. The environment variable <c>HF_ENDPOINT</c> stands in where it is not set.</summary>
    public string Address { get; init; } = "https://huggingface.co";

    /// <summary>The same, so that relative addresses lie below it.</summary>
    internal Uri BaseAddress => new(Address.TrimEnd('/') + "/");

    /// <summary>Connections at once.</summary>
    public int Connections { get; init; } = 4;

    /// <summary>How long a connection may send nothing.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often in a row a connection may fail without having brought a byte.</summary>
    public int Attempts { get; init; } = 6;

    /// <summary>The longest wait that a busy hub may ask for; beyond it the pull ends and says when to come back.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Bytes that one request asks for.</summary>
    public long PartBytes { get; init; } = 64L << 20;
}
