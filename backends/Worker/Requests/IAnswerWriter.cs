using System.Text.Json;
using Gateway.Worker.Generation;

namespace Gateway.Worker.Requests;

/// <summary>The JSON of one kind of answer. Chunks and the plain answer are made from the same pieces.</summary>
internal interface IAnswerWriter
{
    /// <summary>The chunks that a piece makes, each written by one call of the returned actions.</summary>
    IEnumerable<Action<Utf8JsonWriter>> Chunks(Piece piece);

    /// <summary>The last chunk, without choices.</summary>
    void UsageChunk(Utf8JsonWriter json);

    /// <summary>Takes a piece into the plain answer.</summary>
    void Fold(Piece piece);

    void Plain(Utf8JsonWriter json);
}
