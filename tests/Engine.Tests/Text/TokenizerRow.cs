using System.Text.Json.Nodes;
using Gateway.Engine.Text;

namespace Gateway.Engine.Tests.Text;

/// <summary>One row of golden tokenizer data and everything that it says.</summary>
internal static class TokenizerRow
{
    /// <summary>Differences between a tokenizer and a row, empty when all is equal.</summary>
    public static IEnumerable<string> Differences(Tokenizer tokenizer, JsonObject row, bool limited = false) =>
        row["pair"] is JsonArray pair ? [Pair(tokenizer, row, (string)pair[0]!, (string)pair[1]!)] : OfText(tokenizer, row, limited ? tokenizer.Limits : null);

    private static IEnumerable<string> OfText(Tokenizer tokenizer, JsonObject row, TokenLimits? limits)
    {
        var text = (string)row["text"]!;
        var ids = Ids(row["ids"]);
        var framed = Ids(row["ids_special"] ?? row["ids"]);
        int[] limited(bool special) => limits is not null
            ? limits.Apply(tokenizer.Encode(text, false), special ? tokenizer.Frame : new TokenFrame([], [])) : tokenizer.Encode(text, special);
        yield return Compare(row, "ids", ids, limited(false));
        yield return Compare(row, "ids_special", framed, limited(true));
        if (row["ids_plain"] is { } plain) yield return Compare(row, "ids_plain", Ids(plain), tokenizer.Encode(text, false, parseSpecialTokens: false));
        if (row["normalized"] is { } normalized) yield return Compare(row, "normalized", (string)normalized!, tokenizer.Normalize(text));
        if (row["pieces"] is JsonArray pieces) yield return Compare(row, "pieces", string.Join('|', pieces), string.Join('|', tokenizer.Pieces(tokenizer.Normalize(text))));
        if (Older(row, "decoded") is { } decoded) yield return Compare(row, "decoded", decoded, tokenizer.Decode(framed, skipSpecialTokens: false));
        if (Older(row, "decoded_skip") is { } skipped) yield return Compare(row, "decoded_skip", skipped, tokenizer.Decode(framed, skipSpecialTokens: true));
        yield return Stream(tokenizer, row, ids, [], "stream", "rest");
        if (row["stream_after_context"] is JsonArray)
        {
            var context = (int)row["context"]!;
            yield return Stream(tokenizer, row, ids[context..], ids[..context], "stream_after_context", "rest_after_context");
        }
    }

    private static string Pair(Tokenizer tokenizer, JsonObject row, string first, string second)
    {
        var (a, b) = (tokenizer.Encode(first, false), tokenizer.Encode(second, false));
        if (tokenizer.PairFrame is not { } frame) return $"no frame for the pair {row["pair"]!.ToJsonString()}";
        if (frame.Swapped) (a, b) = (b, a);
        int[] ids = [.. frame.Before, .. a, .. frame.Between, .. b, .. frame.After];
        int[] types = [.. frame.BeforeTypes, .. a.Select(_ => frame.FirstType), .. frame.BetweenTypes, .. b.Select(_ => frame.SecondType), .. frame.AfterTypes];
        var difference = Compare(row, "ids_special", Ids(row["ids_special"]), ids);
        return difference.Length > 0 ? difference : Compare(row, "type_ids", Ids(row["type_ids"]), types);
    }

    private static string Stream(Tokenizer tokenizer, JsonObject row, int[] ids, int[] prompt, string field, string restField)
    {
        var from = row["older"] is JsonObject older && older[field] is not null ? older : row;
        var stream = new TextStream(tokenizer, prompt);
        var expected = ((JsonArray)from[field]!).Select(part => (string?)part ?? "").ToList();
        var actual = ids.Select(stream.Append).ToList();
        var difference = Compare(row, field, string.Join('|', expected), string.Join('|', actual));
        return difference.Length > 0 || from[restField] is not { } rest ? difference : Compare(row, restField, (string?)rest ?? "", stream.Flush());
    }

    private static string? Older(JsonObject row, string field) => row["older"] is JsonObject older && older[field] is { } value ? Text(value) : row[field] is { } plain ? Text(plain) : null;

    private static string Text(JsonNode node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : node.ToJsonString();

    private static int[] Ids(JsonNode? node) => [.. ((JsonArray)node!).Select(id => (int)id!)];

    private static string Compare(JsonObject row, string field, int[] expected, int[] actual) =>
        expected.SequenceEqual(actual) ? "" : $"{field} of {(row["text"] ?? row["pair"])!.ToJsonString()}: expected [{string.Join(' ', expected)}] but was [{string.Join(' ', actual)}]";

    private static string Compare(JsonObject row, string field, string expected, string actual) =>
        expected == actual ? "" : $"{field} of {(row["text"] ?? row["pair"])!.ToJsonString()}: expected '{expected}' but was '{actual}'";
}
