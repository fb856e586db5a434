using Gateway.Client.Wire;
using Gateway.Protocol;
using Gateway.Protocol.Chat;
using Gateway.Protocol.Tokens;

namespace Gateway.Client;

/// <summary><c>/v1/tokenize</c>, <c>/v1/detokenize</c> and <c>/v1/chat/render</c>: what a call will cost, without making it.</summary>
public sealed class TokensClient
{
    private readonly HttpTransport _transport;

    internal TokensClient(HttpTransport transport) => _transport = transport;

    /// <summary>A text as the model's tokens.</summary>
    public async Task<TokenizedText> TokenizeAsync(TokenizeRequest request, CancellationToken cancellation = default)
    {
        var answer = await _transport.AskAsync(HttpMethod.Post, "tokenize", WireBody.Of(request, ProtocolJson.Wire.TokenizeRequest), ProtocolJson.Wire.TokenizedText, cancellation).ConfigureAwait(false);
        return answer.Value with { RequestId = answer.RequestId };
    }

    /// <summary>The text of tokens.</summary>
    public async Task<DetokenizedText> DetokenizeAsync(DetokenizeRequest request, CancellationToken cancellation = default)
    {
        var answer = await _transport.AskAsync(HttpMethod.Post, "detokenize", WireBody.Of(request, ProtocolJson.Wire.DetokenizeRequest), ProtocolJson.Wire.DetokenizedText, cancellation).ConfigureAwait(false);
        return answer.Value with { RequestId = answer.RequestId };
    }

    /// <summary>The prompt that the model's template makes of a chat request.</summary>
    public async Task<RenderedChat> RenderAsync(ChatRequest request, CancellationToken cancellation = default)
    {
        var answer = await _transport.AskAsync(HttpMethod.Post, "chat/render", WireBody.Of(request, ProtocolJson.Wire.ChatRequest), ProtocolJson.Wire.RenderedChat, cancellation).ConfigureAwait(false);
        return answer.Value with { RequestId = answer.RequestId };
    }
}
