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

    /// <summary>One whose every field is read: each may be there once, and all text is whole.</summary>
    /// <exception cref="ProblemException">It is not such a JSON object.</exception>
    public static JsonDocument ParseStrictly(ReadOnlyMemory<byte> body)
    {
        var document = Parse(body);
        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = Deep.MaxDepth });
        var names = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.String) _ = reader.GetString(); // half of a character is found out only now
                else if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && !names.Add(reader.GetString()!)) throw new ProblemException(Problems.DuplicateParameter(reader.GetString()!));
            }

            return document;
        }
        catch (Exception e)
        {
            document.Dispose();
            if (e is InvalidOperationException or JsonException) throw new ProblemException(Problems.NotJson());
            throw;
        }
    }
}
