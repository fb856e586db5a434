using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol;

/// <summary>A text on the wire that may be absent (the default), null or there: a stream's first chunk says <c>refusal:null</c>, later ones say nothing.</summary>
[JsonConverter(typeof(TextFieldConverter))]
public readonly record struct TextField(string? Value, bool IsPresent);

/// <summary>Absent fields are left out by their properties' ignore condition; what comes here is present.</summary>
internal sealed class TextFieldConverter : JsonConverter<TextField>
{
    public override bool HandleNull => true;

    public override TextField Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString(), true);

    public override void Write(Utf8JsonWriter writer, TextField value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
