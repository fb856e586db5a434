using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Protocol.Chat;
using Gateway.Protocol.Completions;
using Gateway.Protocol.Embeddings;
using Gateway.Protocol.Models;
using Gateway.Protocol.Rerank;
using Gateway.Protocol.Tokens;

namespace Gateway.Protocol;

/// <summary>How the wire's objects are written: snake case, nulls left out but where the live service writes them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(ApiError))]
[JsonSerializable(typeof(ChatRequest))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ChatCompletionChunk))]
[JsonSerializable(typeof(ChatCompletionList))]
[JsonSerializable(typeof(StoredChatMessageList))]
[JsonSerializable(typeof(ChatMetadataUpdate))]
[JsonSerializable(typeof(ChatCompletionDeleted))]
[JsonSerializable(typeof(CompletionRequest))]
[JsonSerializable(typeof(Completion))]
[JsonSerializable(typeof(EmbeddingRequest))]
[JsonSerializable(typeof(EmbeddingList))]
[JsonSerializable(typeof(RerankRequest))]
[JsonSerializable(typeof(RerankAnswer))]
[JsonSerializable(typeof(TokenizeRequest))]
[JsonSerializable(typeof(TokenizedText))]
[JsonSerializable(typeof(DetokenizeRequest))]
[JsonSerializable(typeof(DetokenizedText))]
[JsonSerializable(typeof(RenderedChat))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(Model))]
[JsonSerializable(typeof(Model))]
[JsonSerializable(typeof(EngineList))]
[JsonSerializable(typeof(EngineEntry))]
[JsonSerializable(typeof(IReadOnlyList<ChatContentPart>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(IReadOnlyList<int>))]
[JsonSerializable(typeof(IReadOnlyList<IReadOnlyList<int>>))]
[JsonSerializable(typeof(EngineEntry))]
public sealed partial class ProtocolJson : JsonSerializerContext
{
    /// <summary>The one way to write: as declared above, and text is not escaped beyond what JSON needs.</summary>
    public static ProtocolJson Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
