using System.Text.Json;
using Gateway.Calls;
using Gateway.Configuration;
using Gateway.Errors;
using Gateway.Keys;
using Gateway.Storage;

namespace Gateway.StoredCompletions;

/// <summary>Decides whether a call's answer is to be kept.</summary>
internal sealed class Recording(GatewayOptions options, TimeProvider time, Database database, CompletionQueue queue)
{
    /// <summary>What watches the answer, or null for a caller who does not ask for it to be kept.</summary>
    /// <exception cref="ProblemException">Keeping is off, or the metadata breaks the contract's bounds.</exception>
    public AnswerRecorder? Begin(HttpContext http, string model, RequestBody body)
    {
        if (!body.Store) return null;
        if (!options.StoredCompletions.Enabled) throw new ProblemException(Problems.StoringIsOff());
        using var request = RequestJson.Parse(body.Bytes);
        if (request.RootElement.TryGetProperty("metadata"u8, out var metadata)) MetadataRules.Read(metadata);
        database.OpenSoon(); // while the model thinks: the first call\'s answer would wait a second for it
        return new AnswerRecorder(new RecordedCall(body.Bytes, Caller.Of(http).Id, model, http.TraceIdentifier, time.GetUtcNow().ToUnixTimeSeconds()), queue, http.RequestAborted);
    }
}

/// <summary>What is known of a call before it is answered.</summary>
/// <param name="Request">The body as the client sent it.</param>
/// <param name="Owner">The id of the caller.</param>
/// <param name="Model">The published name.</param>
/// <param name="RequestId">The header <c>x-request-id</c> of the answer.</param>
/// <param name="At">Unix seconds.</param>
internal sealed record RecordedCall(byte[] Request, string Owner, string Model, string RequestId, long At);
