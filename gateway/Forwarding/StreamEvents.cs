using System.Text.Json;
using Gateway.Calls;

namespace Gateway.Forwarding;

/// <summary>What an event of a stream says that matters to its end.</summary>
internal enum StreamEvent
{
    /// <summary>A comment, or nothing.</summary>
    Comment,

    /// <summary>An object.</summary>
    Data,

    /// <summary>The usage of the whole answer, and no choices.</summary>
    Usage,

    /// <summary>An error object.</summary>
    Error,

    /// <summary><c>[DONE]</c>.</summary>
    Done,

    /// <summary>Nothing that belongs here.</summary>
    Broken,
}

/// <summary>
/// Looks at events without parsing most of them: keys are found by their quotes, which cannot stand unescaped inside of a string. What
/// claims to be the end, an error or the usage is read properly. Each object is to be shown once. One owner.
/// </summary>
internal sealed class StreamEvents(int choices, AnswerFacts? facts = null)
{
    private CallUsage? usage; // what was counted before the stream passed is nobody's yet
    private int finished;
    private int ended; // of them, what the first object said

    /// <summary>Objects so far.</summary>
    public int Count { get; private set; }

    /// <summary>Whether every choice said why it ended.</summary>
    public bool IsFinished => finished >= choices;

    /// <summary>The stream is the call's answer: what it says of usage is the call's.</summary>
    public void Passes(CallUsage call)
    {
        if (usage is { } before) call.Take(before);
        usage = call;
    }

    /// <summary>What an event says.</summary>
    public StreamEvent See(ReadOnlySpan<byte> text)
    {
        var data = Data(text, out var named);
        if (data.IsEmpty) return StreamEvent.Comment;
        if (data.SequenceEqual("[DONE]"u8)) return StreamEvent.Done;
        if (named) return StreamEvent.Error;
        if (data[0] != '{' || data[^1] != '}') return StreamEvent.Broken;
        if (data.IndexOf("\"error\""u8) >= 0 && HasError(data)) return StreamEvent.Error;

        if (Count++ == 0)
        {
            if (!IsWhole(data)) return StreamEvent.Broken;
            facts?.Read(data);
            ended = facts?.FinishReasons.Count ?? 0; // those are counted here, and not twice
        }

        for (var rest = data; rest.IndexOf("\"finish_reason\""u8) is >= 0 and var at;)
        {
            rest = rest[(at + "\"finish_reason\""u8.Length)..].TrimStart(" :\t\r\n"u8);
            if (rest.Length == 0 || rest[0] != '"') continue;
            if (++finished > ended && facts is not null && rest[1..].IndexOf((byte)'"') is >= 0 and var length) facts.Ended(rest.Slice(1, length));
        }

        return data.IndexOf("\"usage\""u8) >= 0 && ReadUsage(data) ? StreamEvent.Usage : StreamEvent.Data;
    }

    /// <summary>The data of an event; <paramref name="named"/> says that it is called an error.</summary>
    public static ReadOnlySpan<byte> Data(ReadOnlySpan<byte> text, out bool named)
    {
        named = false;
        text = text.TrimEnd("\r\n"u8);
        if (text.StartsWith("\uFEFF"u8)) text = text[3..]; // a stream may begin with it
        ReadOnlySpan<byte> data = [];
        var any = false;
        List<byte[]>? lines = null; // only where there are several
        while (!text.IsEmpty)
        {
            var end = text.IndexOfAny((byte)'\n', (byte)'\r');
            var line = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            if (line.StartsWith("data:"u8))
            {
                var value = line[5..].TrimStart((byte)' ');
                if (any) (lines ??= [data.ToArray()]).Add(value.ToArray());
                else data = value;
                any = true;
            }
            else if (line.StartsWith("event:"u8))
            {
                named = line[6..].Trim((byte)' ').SequenceEqual("error"u8);
            }
            else if (!line.IsEmpty && line[0] is not (byte)':' && !line.StartsWith("id:"u8) && !line.StartsWith("retry:"u8))
            {
                return "?"u8;
            }
        }

        return lines is null ? data.Trim((byte)' ') : (byte[])[.. lines.SelectMany(static (line, at) => at == 0 ? line : [(byte)'\n', .. line])];
    }

    private static bool IsWhole(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = 1_000 });
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // A key of the object itself whose value says something.
    private static bool HasError(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = 1_000 });
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var error = reader.ValueTextEquals("error"u8);
                reader.Read();
                if (error && SaysSomething(reader)) return true;
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Whole or not is for others to say.
        }

        return false;
    }

    /// <summary>Whether a value is more than a way to say that there is none.</summary>
    /// <param name="value">At the value.</param>
    public static bool SaysSomething(Utf8JsonReader value) => value.TokenType switch
    {
        JsonTokenType.String => !value.ValueTextEquals(""u8),
        JsonTokenType.Number => !value.TryGetDouble(out var number) || number != 0,
        JsonTokenType.StartObject or JsonTokenType.StartArray => value.Read() && value.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray),
        JsonTokenType.True => true,
        _ => false,
    };

    // True where the event is nothing but usage.
    private bool ReadUsage(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = 1_000 });
        var (any, empty) = (false, false);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isUsage, isChoices) = (reader.ValueTextEquals("usage"u8), reader.ValueTextEquals("choices"u8));
                reader.Read();
                if (isUsage && reader.TokenType == JsonTokenType.StartObject)
                {
                    any = true;
                    (usage ??= new CallUsage()).Read(reader);
                }

                var before = reader.BytesConsumed;
                var isArray = reader.TokenType == JsonTokenType.StartArray;
                reader.Skip();
                if (isChoices && isArray) empty = data[(int)before..(int)reader.BytesConsumed].Trim(" \t\r\n"u8).SequenceEqual("]"u8);
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return any && empty;
    }
}
