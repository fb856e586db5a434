using System.Text.Json;

namespace Gateway.Forwarding;

/// <summary>What an answer says of itself: its id, its model, why its choices ended. Read only where a span wants to know. One owner.</summary>
internal sealed class AnswerFacts
{
    private const int Longest = 256; // characters: spans are no place for whatever an upstream makes up
    private const int MostReasons = 128;

    private readonly List<string> reasons = [];

    /// <summary>As the upstream gave it.</summary>
    public string? Id { get; private set; }

    /// <summary>What answered, by its upstream's name for it.</summary>
    public string? Model { get; private set; }

    /// <summary>Of every choice that ended, in the order of their ends.</summary>
    public IReadOnlyList<string> FinishReasons => reasons;

    /// <summary>Looks at a plain answer, or at the first object of a stream.</summary>
    public void Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1_000 });
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isId, isModel, isChoices) = (reader.ValueTextEquals("id"u8), reader.ValueTextEquals("model"u8), reader.ValueTextEquals("choices"u8));
                reader.Read();
                if (isId) Id = Text(ref reader);
                else if (isModel) Model = Text(ref reader);
                if (isChoices) ReadChoices(ref reader);
                else reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Whole or not is for others to say.
        }
    }

    /// <summary>A choice ended.</summary>
    public void Ended(ReadOnlySpan<byte> reason)
    {
        if (reasons.Count < MostReasons && reason.Length <= Longest) reasons.Add(reason.SequenceEqual("stop"u8) ? "stop" : System.Text.Encoding.UTF8.GetString(reason));
    }

    private void ReadChoices(ref Utf8JsonReader reader)
    {
        var depth = reader.CurrentDepth;
        if (reader.TokenType != JsonTokenType.StartArray) return;
        while (reader.Read() && reader.CurrentDepth > depth)
            if (reader.CurrentDepth == depth + 2 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("finish_reason"u8) && reader.Read() && reader.TokenType == JsonTokenType.String)
                Ended(reader.HasValueSequence || reader.ValueIsEscaped ? "other"u8 : reader.ValueSpan);
    }

    private static string? Text(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: > 0 and <= Longest } text ? text : null;
}
