using System.Text.Json;

namespace Gateway.Engine.Text;

internal sealed partial class TokenizerReader
{
    private const int MaxPadding = 1 << 20; // ids: a file must not make every text large

    /// <summary>What the file says about lengths, or null. Padding to the longest of a batch does nothing to a text alone.</summary>
    public TokenLimits? Limits(JsonElement truncation, JsonElement padding)
    {
        var (cuts, pads) = (truncation.ValueKind == JsonValueKind.Object, padding.ValueKind == JsonValueKind.Object);
        if (!cuts && !pads) return null;
        int? most = cuts ? Number(truncation, "max_length") : null;
        if (most < 0) throw Bad("the truncation's 'max_length' is negative");
        var (to, id) = pads ? (PadTo(padding), Number(padding, "pad_id")) : (0, 0);
        if (id is < 0 or > Tokenizer.MaxId) throw Bad($"the padding's id {id} is out of range");
        return new TokenLimits(most, cuts && OptionalText(truncation, "direction") == "Left", to, pads && OptionalText(padding, "direction") == "Left", id);
    }

    private int PadTo(JsonElement padding)
    {
        if (!padding.TryGetProperty("strategy", out var strategy) || strategy.ValueKind != JsonValueKind.Object) return 0;
        long length = Number(strategy, "Fixed");
        if (padding.TryGetProperty("pad_to_multiple_of", out var multiple) && multiple.ValueKind == JsonValueKind.Number && multiple.GetInt32() is > 0 and var of)
            length = (length + of - 1) / of * of;
        return length is >= 0 and <= MaxPadding ? (int)length : throw Bad($"the padding's length is not between 0 and {MaxPadding}");
    }
}
