using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gateway.Client.Wire;

/// <summary>A request's bytes, made once and sent by each attempt.</summary>
internal static class WireBody
{
    public static byte[] Of<T>(T request, JsonTypeInfo<T> shape) => JsonSerializer.SerializeToUtf8Bytes(request, shape);
}
