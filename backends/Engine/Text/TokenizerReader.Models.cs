using System.Text.Json;
using Gateway.Engine.Text.Vocabulary;

namespace Gateway.Engine.Text;

/// <summary>The model: vocabulary and merges.</summary>
internal sealed partial class TokenizerReader
{
    public TokenModel Model(JsonElement e)
    {
        // Old files do not name it; only BPE has merges, and only Unigram's vocabulary is a list.
        var type = OptionalText(e, "type") ?? (e.GetProperty("vocab").ValueKind == JsonValueKind.Array ? "Unigram" : "BPE");
        return type switch
        {
            "BPE" => ReadBytePairs(e),
            "Unigram" => ReadUnigram(e),
            "WordPiece" => ReadWordPieces(e),
            "WordLevel" => ReadWholeWords(e),
            var other => throw Unknown("model", other),
        };
    }

    private BytePairs ReadBytePairs(JsonElement e)
    {
        if (e.TryGetProperty("dropout", out var dropout) && dropout.ValueKind == JsonValueKind.Number && dropout.GetDouble() > 0)
            throw Bad("the model drops merges at random (dropout), which no server can reproduce");
        var vocabulary = Vocabulary(e);
        var prefix = OptionalText(e, "continuing_subword_prefix");
        var merges = Merges(e.GetProperty("merges"), vocabulary, prefix ?? "");
        var unknown = OptionalText(e, "unk_token");
        int? unknownId = unknown is null ? null : vocabulary.TryGetValue(unknown, out var found) ? found : throw Bad($"the unknown token '{unknown}' is not in the vocabulary");
        return new BytePairs(vocabulary, merges, new BytePairOptions(
            unknownId, Flag(e, "fuse_unk", false), Flag(e, "byte_fallback", false), Flag(e, "ignore_merges", false), prefix, OptionalText(e, "end_of_word_suffix")));
    }

    private Unigram ReadUnigram(JsonElement e)
    {
        var vocabulary = new Dictionary<string, int>();
        var scores = new List<double>();
        foreach (var piece in e.GetProperty("vocab").EnumerateArray())
        {
            if (piece.GetArrayLength() != 2) throw Bad($"piece {scores.Count} is not a text and a score");
            vocabulary[piece[0].GetString() ?? ""] = scores.Count; // the last of two counts, as in the reference
            scores.Add(piece[1].GetDouble());
        }

        var unknown = e.TryGetProperty("unk_id", out var given) && given.ValueKind != JsonValueKind.Null ? given.GetInt32() : -1;
        if (scores.Count is 0 or > Tokenizer.MaxId || unknown < -1 || unknown >= scores.Count) throw Bad("the unknown token's id is not in the vocabulary");
        return new Unigram(vocabulary, [.. scores], unknown, Flag(e, "byte_fallback", false));
    }

    private WordPieces ReadWordPieces(JsonElement e)
    {
        var vocabulary = Vocabulary(e);
        var most = e.TryGetProperty("max_input_chars_per_word", out var given) ? given.GetInt32() : 100;
        return new WordPieces(vocabulary, Unknown(e, vocabulary), OptionalText(e, "continuing_subword_prefix") ?? "##", most);
    }

    private WholeWords ReadWholeWords(JsonElement e)
    {
        var vocabulary = Vocabulary(e);
        return new WholeWords(vocabulary, Unknown(e, vocabulary));
    }

    private int Unknown(JsonElement e, Dictionary<string, int> vocabulary) =>
        vocabulary.TryGetValue(Text(e, "unk_token"), out var id) ? id : throw Bad($"the unknown token '{Text(e, "unk_token")}' is not in the vocabulary");

    private Dictionary<string, int> Vocabulary(JsonElement e)
    {
        var vocabulary = new Dictionary<string, int>();
        foreach (var entry in e.GetProperty("vocab").EnumerateObject())
        {
            if (entry.Value.GetInt32() is not (>= 0 and <= Tokenizer.MaxId and var id)) throw Bad($"the id of '{entry.Name}' is out of range");
            if (!vocabulary.TryAdd(entry.Name, id)) throw Bad($"the vocabulary has '{entry.Name}' twice");
        }

        return vocabulary;
    }

    private Dictionary<long, (int Rank, int Id)> Merges(JsonElement list, Dictionary<string, int> vocabulary, string prefix)
    {
        var merges = new Dictionary<long, (int, int)>(list.GetArrayLength());
        var rank = 0;
        foreach (var merge in list.EnumerateArray())
        {
            string left, right;
            if (merge.ValueKind == JsonValueKind.String)
            {
                var text = merge.GetString()!;
                var space = text.IndexOf(' ');
                if (space <= 0) throw Bad($"merge {rank} ('{text}') is not two tokens");
                (left, right) = (text[..space], text[(space + 1)..]);
            }
            else
            {
                if (merge.GetArrayLength() != 2) throw Bad($"merge {rank} is not two tokens");
                (left, right) = (merge[0].GetString()!, merge[1].GetString()!);
            }

            var joined = prefix.Length > 0 && right.StartsWith(prefix, StringComparison.Ordinal) ? left + right[prefix.Length..] : left + right;
            if (!vocabulary.TryGetValue(left, out var l) || !vocabulary.TryGetValue(right, out var r) || !vocabulary.TryGetValue(joined, out var id))
                throw Bad($"merge {rank} ('{left}' with '{right}') names a token that is not in the vocabulary");
            // As in the reference, a pair that is there twice has its last rank.
            merges[BytePairs.Pair(l, r)] = (rank++, id);
        }

        return merges;
    }
}
