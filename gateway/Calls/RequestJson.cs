using System.Text.Json;
using Gateway.Errors;

namespace Gateway.Calls;

/// <summary>A request body as a whole, for the few calls that need more of it than the model's name.</summary>
internal static class RequestJson
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 1_000 };

    /// <exception cref="ProblemException">It is not a JSON object.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            var document = JsonDocument.Parse(body, Deep);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
            document.Dispose();
        }
        catch (JsonException)
        {
            // The same answer as for what is JSON and no object.
        }

        throw new ProblemException(Problems.NotJson());
    }
}
