using System.Buffers;
using System.Text.Json;
using Gateway.Models;

namespace Gateway.Calls;

/// <summary>A body as a target is to get it: the caller's bytes, with the model's name there, the model's defaults and overrides, and usage asked for or not.</summary>
internal static class BodyEdit
{
    /// <param name="body">The caller's.</param>
    /// <param name="model">Its name there.</param>
    /// <param name="edits">Of the published model.</param>
    /// <param name="usage">Whether the stream is asked to end with its usage.</param>
    /// <param name="kept">Whether the gateway keeps the answer: then nobody else is asked to.</param>
    public static ReadOnlyMemory<byte> Apply(RequestBody body, string model, FieldEdits edits, UsageOption usage = UsageOption.Passed, bool kept = false)
    {
        var addUsage = usage == UsageOption.Added && body is { Stream: true, IncludeUsage: false };
        if (!addUsage && usage != UsageOption.Removed && !edits.Any && !kept && body.Model == model) return body.Bytes;
        var to = new ArrayBufferWriter<byte>(body.Bytes.Length + 128);
        var (copied, left, named, optioned) = (0, body.Fields.Count, false, false);
        for (var at = 0; at < body.Fields.Count; at++)
        {
            var field = body.Fields[at];
            ReadOnlySpan<byte> value;
            if (field.Kind == BodyFieldKind.StreamOptions && usage == UsageOption.Removed)
            {
                // With the comma before it, or after it where nothing stands before.
                var first = --left == body.Fields.Count - 1 - at;
                to.Write(body.Bytes.AsSpan(copied..(first ? Math.Max(copied, field.Name - 1) : body.Fields[at - 1].End)));
                copied = first && at + 1 < body.Fields.Count ? body.Fields[at + 1].Name - 1 : field.End;
                continue;
            }

            if (field.Kind == BodyFieldKind.Model)
            {
                named = true;
                if (body.Model == model) continue;
                value = JsonSerializer.SerializeToUtf8Bytes(model);
            }
            else if (kept && field.Kind is (BodyFieldKind.Store or BodyFieldKind.Metadata))
            {
                value = "null"u8;
            }
            else if (field.Kind == BodyFieldKind.StreamOptions && addUsage && WithUsage(body.Bytes.AsSpan(field.Start..field.End)) is { } options)
            {
                optioned = true;
                value = options;
            }
            else if (Given(body, field, edits) is { } given)
            {
                value = given;
            }
            else
            {
                continue;
            }

            to.Write(body.Bytes.AsSpan(copied..field.Start));
            to.Write(value);
            copied = field.End;
        }

        to.Write(body.Bytes.AsSpan(copied..body.End).TrimEnd(" \t\r\n"u8));
        var any = left > 0;
        if (!named) Add(to, "model"u8, JsonSerializer.SerializeToUtf8Bytes(model), ref any);
        foreach (var (name, value) in edits.Overrides) if (!Has(body, name)) Add(to, name, value, ref any);
        foreach (var (name, value) in edits.Defaults) if (!Has(body, name)) Add(to, name, value, ref any);
        if (addUsage && !optioned && !Has(body, "stream_options"u8)) Add(to, "stream_options"u8, "{\"include_usage\":true}"u8, ref any);
        to.Write("}"u8);
        return to.WrittenMemory;
    }

    // An override in place of any value, a default in place of null.
    private static byte[]? Given(RequestBody body, BodyField field, FieldEdits edits)
    {
        foreach (var (name, value) in edits.Overrides) if (field.Is(body, name)) return value;
        if (edits.Defaults.Count == 0 || !body.Bytes.AsSpan(field.Start..field.End).SequenceEqual("null"u8)) return null;
        foreach (var (name, value) in edits.Defaults) if (field.Is(body, name)) return value;
        return null;
    }

    // Null where it is no object: that is the caller's mistake, and the upstream's to say.
    private static byte[]? WithUsage(ReadOnlySpan<byte> options)
    {
        if (options.SequenceEqual("null"u8)) return [.. "{\"include_usage\":true}"u8];
        if (options[0] != '{') return null;
        var to = new ArrayBufferWriter<byte>(options.Length + 32);
        var reader = new Utf8JsonReader(options);
        reader.Read();
        to.Write("{\"include_usage\":true"u8);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex;
            var own = reader.ValueTextEquals("include_usage"u8);
            reader.Read();
            reader.Skip();
            if (own) continue;
            to.Write(","u8);
            to.Write(options[start..(int)reader.BytesConsumed]);
        }

        to.Write("}"u8);
        return to.WrittenSpan.ToArray();
    }

    private static bool Has(RequestBody body, ReadOnlySpan<byte> name)
    {
        foreach (var field in body.Fields) if (field.Is(body, name)) return true;
        return false;
    }

    private static void Add(ArrayBufferWriter<byte> to, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ref bool any)
    {
        to.Write(any ? ",\""u8 : "\""u8);
        to.Write(name);
        to.Write("\":"u8);
        to.Write(value);
        any = true;
    }
}
