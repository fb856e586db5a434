using Gateway.Client.Wire;

namespace Gateway.Client;

/// <summary>
/// A typed client of the gateway, and of any server that speaks OpenAI's wire. Safe for all threads; make one and keep it.
/// Every method throws a <see cref="Errors.GatewayException"/> for what the server or the network did, and
/// <see cref="OperationCanceledException"/> when the caller's token ended the call.
/// </summary>
public sealed class GatewayClient : IDisposable
{
    private readonly HttpTransport _transport;

    /// <summary>A client with the defaults.</summary>
    public GatewayClient(Uri baseAddress)
        : this(new GatewayClientOptions(baseAddress))
    {
    }

    /// <summary>A client with the caller's choices.</summary>
    /// <exception cref="ArgumentException">The address is not an absolute http or https address, or a number is negative.</exception>
    public GatewayClient(GatewayClientOptions options)
    {
        _transport = new HttpTransport(options);
        Chat = new ChatClient(_transport);
        Completions = new CompletionsClient(_transport);
        Embeddings = new EmbeddingsClient(_transport);
        Rerank = new RerankClient(_transport);
        Tokens = new TokensClient(_transport);
        Models = new ModelsClient(_transport);
    }

    /// <summary>Chat completions.</summary>
    public ChatClient Chat { get; }

    /// <summary>The older completions of a bare prompt.</summary>
    public CompletionsClient Completions { get; }

    /// <summary>Vectors of texts.</summary>
    public EmbeddingsClient Embeddings { get; }

    /// <summary>Documents in order of relevance.</summary>
    public RerankClient Rerank { get; }

    /// <summary>Texts as tokens and back, conversations as prompts.</summary>
    public TokensClient Tokens { get; }

    /// <summary>What the server publishes.</summary>
    public ModelsClient Models { get; }

    /// <summary>Ends the calls that run and closes the connections.</summary>
    public void Dispose() => _transport.Dispose();
}
