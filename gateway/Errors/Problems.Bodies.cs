using System.Text.Json;
using Gateway.Protocol;

namespace Gateway.Errors;

/// <summary>Of request bodies.</summary>
public static partial class Problems
{
    /// <summary>It is JSON, and no object.</summary>
    public static Problem NotAnObject(JsonTokenType got) => new(400, ApiError.Invalid($"The JSON body of the request must be an object, but it is {KindOf(got)}."));

    public static Problem OtherThanChunks() => new(400, ApiError.Invalid("The Transfer-Encoding of a request may be 'chunked' alone, in HTTP/1.1."));

    public static Problem ChunkTooLarge() => new(400, ApiError.Invalid("The request body has a chunk whose size cannot be read.")) { Closes = true };

    public static Problem CutShort() => new(400, ApiError.Invalid("The request body ended before all of its Content-Length had come.")) { Closes = true };

    public static Problem BodyBroke() => new(400, ApiError.Invalid("The request body broke off, or was not as long as its Content-Length."));

    public static Problem NotUtf8() => new(400, ApiError.Invalid("The request body is not valid UTF-8."));

    public static Problem DuplicateParameter(string name) => new(400, ApiError.Invalid($"Duplicate parameter: '{Brief(name)}' is there more than once.", Brief(name), "duplicate_parameter"));

    public static Problem ContentEncoded(string encoding) => new(415, ApiError.Invalid($"Unsupported content encoding '{Brief(encoding)}'. Send the body as it is, without a Content-Encoding."));

    public static Problem StreamIsNoBoolean(JsonTokenType got) => WrongType("stream", "a boolean", KindOf(got));

    private static string KindOf(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };
}
