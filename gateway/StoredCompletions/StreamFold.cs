using System.Text.Json;

namespace Gateway.StoredCompletions;

/// <summary>Folds the chunks of a stream into the object that the plain answer would have been.</summary>
internal sealed class StreamFold
{
    private readonly OrderedDictionary<string, string> head = new(StringComparer.Ordinal); // raw JSON
    private readonly SortedDictionary<int, ChoiceFold> choices = [];
    private string? usage;

    /// <summary>About how many were taken.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether every choice has come to its end.</summary>
    public bool Whole => choices.Count > 0 && choices.Values.All(choice => choice.Finished);

    /// <summary>One event; comments say nothing.</summary>
    public void Take(ReadOnlyMemory<byte> text)
    {
        while (!text.IsEmpty)
        {
            var end = text.Span.IndexOf((byte)'\n');
            var line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            if (line.Span.StartsWith("data:"u8)) TakeChunk(line[5..]);
        }
    }

    public byte[] ToPlain()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, StoredJson.Writing))
        {
            json.WriteStartObject();
            foreach (var (name, value) in head)
            {
                json.WritePropertyName(name);
                json.WriteRawValue(value);
                if (name == "id") json.WriteString("object"u8, "chat.completion"u8);
            }

            json.WriteStartArray("choices"u8);
            foreach (var (index, choice) in choices) choice.Write(json, index);
            json.WriteEndArray();
            if (usage is not null)
            {
                json.WritePropertyName("usage"u8);
                json.WriteRawValue(usage);
            }

            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private void TakeChunk(ReadOnlyMemory<byte> data)
    {
        using var chunk = JsonDocument.Parse(data);
        foreach (var member in chunk.RootElement.EnumerateObject())
        {
            if (member.NameEquals("choices"u8)) TakeChoices(member.Value);
            else if (member.NameEquals("object"u8) || member.NameEquals("obfuscation"u8) || member.Value.ValueKind == JsonValueKind.Null) continue;
            else if (member.NameEquals("usage"u8)) usage = member.Value.GetRawText();
            else if (head.TryAdd(member.Name, member.Value.GetRawText())) Bytes += member.Value.GetRawText().Length;
        }
    }

    private void TakeChoices(JsonElement list)
    {
        foreach (var part in list.EnumerateArray())
        {
            var index = part.GetProperty("index"u8).GetInt32();
            if (!choices.TryGetValue(index, out var choice)) choices[index] = choice = new ChoiceFold();
            Bytes += choice.Take(part);
        }
    }
}
