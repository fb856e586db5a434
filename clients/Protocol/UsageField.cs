using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol;

/// <summary>Usage on the wire that may be absent (the default), null or there.</summary>
[JsonConverter(typeof(UsageFieldConverter))]
public readonly record struct UsageField(Usage? Value, bool IsPresent);

/// <summary>Absent fields are left out by their properties' ignore condition; what comes here is present.</summary>
internal sealed class UsageFieldConverter : JsonConverter<UsageField>
{
    public override bool HandleNull => true;

    public override UsageField Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.TokenType == JsonTokenType.Null ? null : JsonSerializer.Deserialize(ref reader, ProtocolJson.Wire.Usage), true);

    public override void Write(Utf8JsonWriter writer, UsageField value, JsonSerializerOptions options)
    {
        if (value.Value is { } usage) JsonSerializer.Serialize(writer, usage, ProtocolJson.Wire.Usage);
        else writer.WriteNullValue();
    }
}
