using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Protocol.Chat;

/// <summary>A part of a message's content.</summary>
/// <param name="Type"><c>text</c>, <c>refusal</c>, <c>image_url</c>, <c>input_audio</c> or <c>file</c>.</param>
public sealed record ChatContentPart(string Type)
{
    /// <summary>Of a <c>text</c> part.</summary>
    public string? Text { get; init; }

    /// <summary>Of a <c>refusal</c> part.</summary>
    public string? Refusal { get; init; }

    /// <summary>Of an <c>image_url</c> part.</summary>
    public ImageUrl? ImageUrl { get; init; }

    /// <summary>Sound, files and whatever is newer than this record, sent as it is.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }

    /// <summary>A part that is text.</summary>
    public static ChatContentPart OfText(string text) => new("text") { Text = text };

    /// <summary>A part that is an image.</summary>
    public static ChatContentPart OfImage(string url, string? detail = null) => new("image_url") { ImageUrl = new(url, detail) };
}

/// <summary>Where an image is.</summary>
/// <param name="Url">An address, or the image itself as a data URL.</param>
/// <param name="Detail"><c>auto</c>, <c>low</c> or <c>high</c>.</param>
public sealed record ImageUrl(string Url, string? Detail = null);
