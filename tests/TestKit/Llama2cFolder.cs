using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Engine.Text;

namespace Gateway.TestKit;

/// <summary>Turns a model of llama2.c (its version-0 file and vocabulary) into a Hugging Face folder.</summary>
public static class Llama2cFolder
{
    /// <summary>Writes <c>config.json</c>, <c>model.safetensors</c> and <c>tokenizer.json</c> into a folder.</summary>
    public static void Write(string model, string vocabulary, string folder)
    {
        var bytes = File.ReadAllBytes(model);
        var header = MemoryMarshal.Cast<byte, int>(bytes.AsSpan(0, 28));
        var (hidden, inner, layers, heads, kvHeads, tokens, context) = (header[0], header[1], header[2], header[3], header[4], Math.Abs(header[5]), header[6]);
        var size = hidden / heads;
        File.WriteAllText(Path.Combine(folder, "config.json"), new JsonObject
        {
            ["model_type"] = "llama",
            ["hidden_size"] = hidden,
            ["intermediate_size"] = inner,
            ["num_hidden_layers"] = layers,
            ["num_attention_heads"] = heads,
            ["num_key_value_heads"] = kvHeads,
            ["vocab_size"] = tokens,
            ["max_position_embeddings"] = context,
            ["rms_norm_eps"] = 1e-5,
            ["rope_theta"] = 1e4,
            ["tie_word_embeddings"] = header[5] > 0,
            ["bos_token_id"] = 1,
            ["eos_token_id"] = 2,
        }.ToJsonString());
        var at = 28;
        var writer = new SafetensorsWriter();
        float[] Take(int count)
        {
            var values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(at, count * 4)).ToArray();
            at += count * 4;
            return values;
        }

        // The file goes matrix by matrix, each through all layers.
        void Each(string name, int rows, int columns, int turnedHeads = 0)
        {
            for (var n = 0; n < layers; n++)
            {
                var values = Take(rows * columns);
                if (turnedHeads > 0) values = Halves(values, columns, size);
                writer.Add($"model.layers.{n}.{name}.weight", values, columns == 1 ? [rows] : [rows, columns]);
            }
        }

        writer.Add("model.embed_tokens.weight", Take(tokens * hidden), tokens, hidden);
        Each("input_layernorm", hidden, 1);
        Each("self_attn.q_proj", heads * size, hidden, heads);
        Each("self_attn.k_proj", kvHeads * size, hidden, kvHeads);
        Each("self_attn.v_proj", kvHeads * size, hidden);
        Each("self_attn.o_proj", hidden, heads * size);
        Each("post_attention_layernorm", hidden, 1);
        Each("mlp.gate_proj", inner, hidden);
        Each("mlp.down_proj", hidden, inner);
        Each("mlp.up_proj", inner, hidden);
        writer.Add("model.norm.weight", Take(hidden), hidden);
        Take(context * size); // the file's own sines and cosines
        if (header[5] < 0) writer.Add("lm_head.weight", Take(tokens * hidden), tokens, hidden);
        writer.Save(Path.Combine(folder, "model.safetensors"));
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), Tokenizer(File.ReadAllBytes(vocabulary), tokens).ToJsonString());
    }

    /// <summary>llama2.c turns neighbours (2i, 2i + 1), Hugging Face halves (i, i + n/2).</summary>
    private static float[] Halves(float[] rows, int columns, int size)
    {
        var turned = new float[rows.Length];
        for (var row = 0; row < rows.Length / columns; row++)
        {
            var (head, within) = (row / size, row % size);
            var from = (head * size) + (within % (size / 2) * 2) + (within / (size / 2));
            rows.AsSpan(from * columns, columns).CopyTo(turned.AsSpan(row * columns));
        }

        return turned;
    }

    private static JsonObject Tokenizer(byte[] file, int count)
    {
        var (texts, scores) = (new List<string>(), new List<double>());
        for (var at = 4; texts.Count < count;)
        {
            scores.Add(BitConverter.ToSingle(file, at));
            var length = BitConverter.ToInt32(file, at + 4);
            var text = Encoding.UTF8.GetString(file, at + 8, length);
            at += 8 + length;
            // The file writes spaces as they are, and the first three tokens in a way of its own.
            texts.Add(texts.Count switch { 0 => "<unk>", 1 => "<s>", 2 => "</s>", < 259 => $"<0x{texts.Count - 3:X2}>", _ => text.Replace(' ', '▁') });
        }

        var vocabulary = new JsonObject();
        for (var id = 0; id < count; id++) vocabulary[texts[id]] = id;
        JsonObject replace(string from, string to) => new() { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = from }, ["content"] = to };
        return new JsonObject
        {
            ["added_tokens"] = new JsonArray([.. Enumerable.Range(0, 3).Select(id => new JsonObject { ["id"] = id, ["content"] = texts[id], ["normalized"] = false, ["special"] = true })]),
            ["normalizer"] = new JsonObject { ["type"] = "Sequence", ["normalizers"] = new JsonArray(new JsonObject { ["type"] = "Prepend", ["prepend"] = "▁" }, replace(" ", "▁")) },
            ["decoder"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["decoders"] = new JsonArray(replace("▁", " "), new JsonObject { ["type"] = "ByteFallback" }, new JsonObject { ["type"] = "Fuse" }, new JsonObject { ["type"] = "Strip", ["content"] = " ", ["start"] = 1, ["stop"] = 0 }),
            },
            ["post_processor"] = new JsonObject
            {
                ["type"] = "TemplateProcessing",
                ["single"] = new JsonArray(new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = "<s>" } }, new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A" } }),
                ["special_tokens"] = new JsonObject { ["<s>"] = new JsonObject { ["ids"] = new JsonArray(1) } },
            },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["byte_fallback"] = true,
                ["fuse_unk"] = true,
                ["unk_token"] = "<unk>",
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. ScoredMerges.Derive(texts, scores, id => id >= 259).Select(merge => new JsonArray(merge.Left, merge.Right))]),
            },
        };
    }
}
