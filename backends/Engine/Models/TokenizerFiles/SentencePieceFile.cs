using System.Text.Json.Nodes;
using Gateway.Engine.Text;

namespace Gateway.Engine.Models.TokenizerFiles;

/// <summary>SentencePiece's <c>.model</c>: pieces with scores, and how text is normalized before it is cut. Field numbers are those of its own schema.</summary>
internal static class SentencePieceFile
{
    private const int Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Byte = 6;
    private const int Unigram = 1, Bpe = 2;

    private sealed record Piece(string Text, float Score, int Kind);

    private sealed record Model(List<Piece> Pieces, int Kind, byte[] CharsMap, bool DummyPrefix, bool RemoveExtraSpaces);

    /// <exception cref="ModelFolderException">The file is not what it claims to be.</exception>
    public static JsonObject ToJson(ReadOnlySpan<byte> bytes, string file, JsonObject tokenizerConfig)
    {
        Model model;
        try
        {
            model = Read(bytes);
        }
        catch (InvalidDataException e)
        {
            throw new ModelFolderException(file, $"is no SentencePiece model: {e.Message}", e);
        }

        if (model.Pieces.Count is 0 or > Tokenizer.MaxId) throw new ModelFolderException(file, "has no pieces, or far too many");
        if (model.Kind is not (Unigram or Bpe)) throw new ModelFolderException(file, $"is a SentencePiece model of kind {model.Kind}; known are unigram and BPE");
        var unknown = model.Pieces.FindIndex(piece => piece.Kind == Unknown);
        if (unknown < 0) throw new ModelFolderException(file, "has no piece for what is unknown");
        var json = model.Kind == Bpe ? MergesJson(model, unknown, file) : UnigramJson(model, unknown);
        json["added_tokens"] = new JsonArray([.. model.Pieces.Select((piece, id) => (piece, id)).Where(pair => pair.piece.Kind is Unknown or Control or UserDefined)
            .Select(pair => TokenizerFile.Added(pair.id, pair.piece.Text, pair.piece.Kind != UserDefined))]);
        json["post_processor"] = TokenizerFile.Frame(Framing("bos", "<s>", byDefault: model.Kind == Bpe), Framing("eos", "</s>", byDefault: false));
        return json;

        (string, int)? Framing(string which, string name, bool byDefault)
        {
            if (!((bool?)tokenizerConfig[$"add_{which}_token"] ?? byDefault)) return null;
            var content = tokenizerConfig[$"{which}_token"] is JsonObject described ? (string?)described["content"] : (string?)tokenizerConfig[$"{which}_token"];
            var id = model.Pieces.FindIndex(piece => piece.Kind == Control && piece.Text == (content ?? name));
            return id < 0 ? null : (model.Pieces[id].Text, id);
        }
    }

    /// <summary>The best-scored pair is joined first: a merge list in the order of the scores.</summary>
    private static JsonObject MergesJson(Model model, int unknown, string file)
    {
        var vocabulary = new JsonObject();
        for (var i = 0; i < model.Pieces.Count; i++)
            if (!vocabulary.TryAdd(model.Pieces[i].Text, i)) throw new ModelFolderException(file, $"piece {i} is a repetition");
        var texts = model.Pieces.Select(piece => piece.Text).ToArray();
        var decoders = new JsonArray(Replace("▁", " "), new JsonObject { ["type"] = "ByteFallback" }, new JsonObject { ["type"] = "Fuse" });
        if (model.DummyPrefix) decoders.Add(new JsonObject { ["type"] = "Strip", ["content"] = " ", ["start"] = 1, ["stop"] = 0 });
        var normalizers = Normalizers(model);
        if (model.DummyPrefix) normalizers.Add(new JsonObject { ["type"] = "Prepend", ["prepend"] = "▁" });
        normalizers.Add(Replace(" ", "▁"));
        return new JsonObject
        {
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["byte_fallback"] = model.Pieces.Any(piece => piece.Kind == Byte),
                ["fuse_unk"] = true,
                ["unk_token"] = texts[unknown],
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. ScoredMerges.Derive(texts, [.. model.Pieces.Select(piece => (double)piece.Score)], i => model.Pieces[i].Kind is Normal or UserDefined)
                    .Select(merge => new JsonArray(merge.Left, merge.Right))]),
            },
            ["normalizer"] = new JsonObject { ["type"] = "Sequence", ["normalizers"] = normalizers },
            ["decoder"] = new JsonObject { ["type"] = "Sequence", ["decoders"] = decoders },
        };
    }

    private static JsonObject UnigramJson(Model model, int unknown)
    {
        var space = new JsonObject { ["type"] = "Metaspace", ["replacement"] = "▁", ["prepend_scheme"] = model.DummyPrefix ? "always" : "never" };
        var normalizers = Normalizers(model);
        return new JsonObject
        {
            ["model"] = new JsonObject
            {
                ["type"] = "Unigram",
                ["unk_id"] = unknown,
                ["byte_fallback"] = model.Pieces.Any(piece => piece.Kind == Byte),
                ["vocab"] = new JsonArray([.. model.Pieces.Select(piece => new JsonArray(piece.Text, (double)piece.Score))]),
            },
            ["normalizer"] = normalizers.Count == 0 ? null : new JsonObject { ["type"] = "Sequence", ["normalizers"] = normalizers },
            ["pre_tokenizer"] = space.DeepClone(),
            ["decoder"] = space,
        };
    }

    private static JsonArray Normalizers(Model model)
    {
        var normalizers = new JsonArray();
        if (model.CharsMap.Length > 0) normalizers.Add(new JsonObject { ["type"] = "Precompiled", ["precompiled_charsmap"] = Convert.ToBase64String(model.CharsMap) });
        if (model.RemoveExtraSpaces)
        {
            normalizers.Add(new JsonObject { ["type"] = "Strip", ["strip_left"] = true, ["strip_right"] = true });
            normalizers.Add(new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["Regex"] = " {2,}" }, ["content"] = " " });
        }

        return normalizers;
    }

    private static JsonObject Replace(string from, string to) => new() { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = from }, ["content"] = to };

    private static Model Read(ReadOnlySpan<byte> bytes)
    {
        var (pieces, kind, charsMap, prefix, extra) = (new List<Piece>(), Unigram, Array.Empty<byte>(), true, true);
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    pieces.Add(ReadPiece(reader.Bytes()));
                    break;
                case 2:
                    var trainer = new ProtoReader(reader.Bytes());
                    while (trainer.Next())
                    {
                        if (trainer.Field == 3) kind = (int)trainer.Integer();
                        else trainer.Skip();
                    }

                    break;
                case 3:
                    var normalizer = new ProtoReader(reader.Bytes());
                    while (normalizer.Next())
                    {
                        if (normalizer.Field == 2) charsMap = normalizer.Bytes().ToArray();
                        else if (normalizer.Field == 3) prefix = normalizer.Integer() != 0;
                        else if (normalizer.Field == 4) extra = normalizer.Integer() != 0;
                        else normalizer.Skip();
                    }

                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new Model(pieces, kind, charsMap, prefix, extra);
    }

    private static Piece ReadPiece(ReadOnlySpan<byte> bytes)
    {
        var (text, score, kind) = ("", 0f, Normal);
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1) text = reader.Text();
            else if (reader.Field == 2) score = reader.Real();
            else if (reader.Field == 3) kind = (int)reader.Integer();
            else reader.Skip();
        }

        return new Piece(text, score, kind);
    }
}
