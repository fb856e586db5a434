using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Gateway.Engine.Models;
using Gateway.TestKit.Families;

namespace Gateway.Engine.Tests.Models;

/// <summary>
/// A folder and the GGUF file that a converter makes of it are one model: the same description, the same weights by name, to the last bit. The
/// conversion here is written from llama.cpp's conventions and shares nothing with the reader.
/// </summary>
public class GgufFamilyTests
{
    private const string Sizes = "\"hidden_size\":32,\"intermediate_size\":40,\"num_attention_heads\":4,\"num_key_value_heads\":2,\"num_hidden_layers\":2,\"vocab_size\":50,\"max_position_embeddings\":64,\"head_dim\":8";

    public static TheoryData<string, string, string> Models => new()
    {
        { "llama", "llama", Sizes + ",\"rope_theta\":50000.0,\"rms_norm_eps\":1e-5" },
        { "llama", "llama", Sizes + ",\"tie_word_embeddings\":true,\"rope_scaling\":{\"rope_type\":\"linear\",\"factor\":4.0}" },
        { "llama", "llama", Sizes + ",\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":4.0,\"original_max_position_embeddings\":16}" },
        { "llama", "llama", Sizes + ",\"rope_scaling\":{\"rope_type\":\"llama3\",\"factor\":8.0,\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,\"original_max_position_embeddings\":16}" },
        { "llama", "mixtral", Sizes + ",\"num_local_experts\":3,\"num_experts_per_tok\":2,\"rope_theta\":10000.0,\"sliding_window\":null" },
        { "qwen2", "qwen2", Sizes },
        { "qwen3", "qwen3", Sizes },
        { "qwen3moe", "qwen3_moe", Sizes + ",\"num_experts\":4,\"num_experts_per_tok\":2,\"moe_intermediate_size\":12,\"norm_topk_prob\":true" },
        { "smollm3", "smollm3", Sizes + ",\"rope_theta\":10000.0" },
        { "phi3", "phi3", Sizes + ",\"sliding_window\":24,\"original_max_position_embeddings\":16,\"rope_scaling\":{\"type\":\"longrope\",\"short_factor\":[1.0,1.25,1.5,2.0],\"long_factor\":[1.0,2.0,4.0,8.0]}" },
        { "gemma2", "gemma2", Sizes + ",\"query_pre_attn_scalar\":8,\"sliding_window\":16,\"attn_logit_softcapping\":5.0,\"final_logit_softcapping\":7.0" },
        { "gemma3", "gemma3_text", Sizes + ",\"query_pre_attn_scalar\":8,\"sliding_window\":16" },
        { "gptneox", "gpt_neox", "\"hidden_size\":32,\"intermediate_size\":40,\"num_attention_heads\":4,\"num_hidden_layers\":2,\"vocab_size\":50,\"max_position_embeddings\":64,\"rotary_pct\":0.25" },
        { "gpt2", "gpt2", "\"n_embd\":32,\"n_head\":4,\"n_layer\":2,\"n_positions\":64,\"vocab_size\":50,\"n_inner\":40" },
        { "bloom", "bloom", "\"hidden_size\":32,\"n_head\":4,\"n_layer\":2,\"vocab_size\":50,\"seq_length\":64" },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void A_file_is_the_folder_that_it_was_made_from(string architecture, string family, string config)
    {
        using var temporary = new TemporaryFolder();
        var path = temporary.File("model");
        RandomFolder.Write(path, (JsonObject)JsonNode.Parse($"{{\"model_type\":\"{family}\",{config}}}")!, biases: family == "qwen2");
        using var folder = ModelFolder.Open(path);
        var spec = DecoderSpec.FromConfig(folder.Config, path);
        var file = temporary.File("model.gguf");
        File.WriteAllBytes(file, Convert(folder, spec, architecture));

        using var opened = ModelFolder.Open(file);

        var found = DecoderSpec.FromConfig(opened.Config, file);
        Describe(found).ShouldBe(Describe(spec));
        found.LayerSpecs.Select(layer => layer.Window).ShouldBe(spec.LayerSpecs.Select(layer => layer.Window));
        for (var n = 0; n < spec.Layers; n++) SameTurns(found.LayerSpecs[n].Rotary, spec.LayerSpecs[n].Rotary);
        opened.Tensors.Tensors.Keys.Select(name => Stem(found, name)).Order().ShouldBe(folder.Tensors.Tensors.Keys.Select(name => Stem(spec, name)).Order());
        foreach (var (name, tensor) in folder.Tensors.Tensors)
        {
            var other = opened.Tensors.Tensors.First(pair => Stem(found, pair.Key) == Stem(spec, name)).Value;
            other.Shape.ShouldBe(tensor.Shape, name);
            GoldenModel.Distance(Values(other), Values(tensor)).ShouldBeLessThan(spec.UnitOffsetNorm && name.Contains("norm") ? 1e-6 : double.Epsilon, name);
        }
    }

    private static string Stem(DecoderSpec spec, string name) => spec.Names.Prefixes.Where(prefix => prefix.Length > 0 && name.StartsWith(prefix, StringComparison.Ordinal)).Select(prefix => name[prefix.Length..]).FirstOrDefault() ?? name;

    private static string Describe(DecoderSpec spec) => string.Join(' ', spec.Architecture, spec.Layers, spec.Hidden, spec.Intermediate, spec.Heads, spec.KvHeads, spec.HeadDim, spec.Vocabulary, spec.ContextLength, (float)spec.NormEpsilon,
        (float)spec.ScoreScale, spec.ScoreCap, spec.LogitCap, (float)spec.EmbeddingScale, spec.UnitOffsetNorm, spec.Residual, spec.TiedHead, spec.Activation, spec.Experts);

    private static void SameTurns(RotarySpec? found, RotarySpec? expected)
    {
        (found is null).ShouldBe(expected is null);
        if (found is null || expected is null) return;
        found.InverseFrequencies.Count.ShouldBe(expected.InverseFrequencies.Count);
        for (var i = 0; i < found.InverseFrequencies.Count; i++) found.InverseFrequencies[i].ShouldBe(expected.InverseFrequencies[i], 1e-6 * expected.InverseFrequencies[i]);
        found.Attention.ShouldBe(expected.Attention, 1e-6);
        if (expected.Stretched is not null) found.Stretched!(60).ShouldBe(expected.Stretched(60));
    }

    private static float[] Values(StoredTensor tensor)
    {
        var values = new float[tensor.Count];
        tensor.Read(0, values);
        return values;
    }

    private static byte[] Convert(ModelFolder folder, DecoderSpec spec, string architecture)
    {
        using var writer = new GgufWriter();
        void Whole(string key, int value) => writer.Pair($"{architecture}.{key}", (uint)value);
        void Real(string key, double value) => writer.Pair($"{architecture}.{key}", 6, BitConverter.GetBytes((float)value));
        writer.Pair("general.architecture", architecture);
        Whole("embedding_length", spec.Hidden);
        Whole("block_count", spec.Layers);
        Whole("context_length", spec.ContextLength);
        Whole("feed_forward_length", spec.Intermediate);
        Whole("attention.head_count", spec.Heads);
        Whole("attention.head_count_kv", spec.KvHeads);
        Real(spec.Norm == NormKind.LayerNorm ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon", spec.NormEpsilon);
        var config = folder.Config;
        if (spec.Norm == NormKind.RmsNorm) Whole("attention.key_length", spec.HeadDim);
        if (spec.LayerSpecs[0].Rotary is { } rotary)
        {
            Whole("rope.dimension_count", rotary.Turned);
            Real("rope.freq_base", (double?)config["rope_theta"] ?? (architecture == "gemma3" ? 1_000_000 : 10_000));
        }

        if (spec.Experts is { } experts)
        {
            Whole("expert_count", experts.Count);
            Whole("expert_used_count", experts.PerToken);
            Whole("expert_feed_forward_length", experts.Intermediate);
        }

        if ((int?)config["sliding_window"] is { } window) Whole("attention.sliding_window", window);
        if (spec.ScoreCap is { } scoreCap) Real("attn_logit_softcapping", scoreCap);
        if (spec.LogitCap is { } logitCap) Real("final_logit_softcapping", logitCap);
        if (architecture == "gptneox") writer.Pair("gptneox.use_parallel_residual", 7, 1);
        Scaling(writer, architecture, spec, config);
        Tensors(writer, architecture, spec, folder);
        return writer.ToBytes();
    }

    private static void Scaling(GgufWriter writer, string architecture, DecoderSpec spec, JsonObject config)
    {
        if (config["rope_scaling"] is not JsonObject scaling) return;
        var kind = (string?)scaling["rope_type"] ?? (string?)scaling["type"];
        if (kind == "llama3")
        {
            // The converter works the scaling out: how much slower each frequency turns.
            var factors = spec.LayerSpecs[0].Rotary!.InverseFrequencies.Select((f, i) => (float)(Math.Pow(10_000, -2.0 * i / spec.HeadDim) / f)).ToArray();
            writer.Tensor("rope_freqs.weight", 0, [(ulong)factors.Length], MemoryMarshal.AsBytes<float>(factors));
            return;
        }

        writer.Pair($"{architecture}.rope.scaling.type", kind!);
        if (scaling["factor"] is { } factor) writer.Pair($"{architecture}.rope.scaling.factor", 6, BitConverter.GetBytes((float)factor));
        if (((int?)scaling["original_max_position_embeddings"] ?? (int?)config["original_max_position_embeddings"]) is { } original) writer.Pair($"{architecture}.rope.scaling.original_context_length", (uint)original);
        foreach (var (name, key) in new[] { ("rope_factors_short.weight", "short_factor"), ("rope_factors_long.weight", "long_factor") })
            if (scaling[key] is JsonArray list) writer.Tensor(name, 0, [(ulong)list.Count], MemoryMarshal.AsBytes<float>([.. list.Select(value => (float)value!)]));
    }

    private static void Tensors(GgufWriter writer, string architecture, DecoderSpec spec, ModelFolder folder)
    {
        var names = spec.Names;
        var gemma = architecture.StartsWith("gemma", StringComparison.Ordinal);
        var table = new List<(string? Hf, string Gguf)>
        {
            (names.Embedding, "token_embd"), (names.Positions, "position_embd"), (names.EmbeddingNorm, "token_embd_norm"), (names.FinalNorm, "output_norm"), (names.Head, "output"),
        };
        for (var n = 0; n < spec.Layers; n++)
        {
            string? Name(string? name) => name?.Replace("{N}", n.ToString(), StringComparison.Ordinal);
            string[] qkv = names.Qkv.Count == 1 ? ["attn_qkv"] : ["attn_q", "attn_k", "attn_v"];
            table.AddRange([(Name(names.AttentionNorm), $"blk.{n}.attn_norm"), (Name(names.QueryNorm), $"blk.{n}.attn_q_norm"), (Name(names.KeyNorm), $"blk.{n}.attn_k_norm"), (Name(names.Output), $"blk.{n}.attn_output"),
                (Name(names.AttentionOutputNorm), $"blk.{n}.post_attention_norm"), (Name(names.MlpNorm), $"blk.{n}.ffn_norm"), (Name(names.MlpOutputNorm), $"blk.{n}.post_ffw_norm"), (Name(names.Router), $"blk.{n}.ffn_gate_inp")]);
            table.AddRange(names.Qkv.Select((name, i) => (Name(name), $"blk.{n}.{qkv[i]}")));
            if (spec.Experts is null) table.AddRange([(Name(names.Gate), $"blk.{n}.ffn_gate"), (Name(names.Up), $"blk.{n}.ffn_up"), (Name(names.Down), $"blk.{n}.ffn_down")]);
            else foreach (var (hf, gguf) in new[] { (names.ExpertGate, "ffn_gate_exps"), (names.ExpertUp, "ffn_up_exps"), (names.ExpertDown, "ffn_down_exps") }) Stack(writer, spec, folder, Name(hf)!, $"blk.{n}.{gguf}");
        }

        foreach (var (hf, gguf) in table)
        {
            foreach (var kind in (string[])[".weight", ".bias"])
            {
                if (hf is null || Find(folder, spec, hf + kind) is not { } tensor) continue;
                var (values, shape) = (Values(tensor), tensor.Shape.ToArray());
                if (gemma && gguf.EndsWith("norm", StringComparison.Ordinal)) values = [.. values.Select(value => value + 1)];
                if (architecture is "llama" or "smollm3" && (gguf.EndsWith("attn_q", StringComparison.Ordinal) || gguf.EndsWith("attn_k", StringComparison.Ordinal))) values = Rows(values, shape, row => SideBySide(row, spec.HeadDim));
                if (architecture is "bloom" or "gptneox" && gguf.EndsWith("attn_qkv", StringComparison.Ordinal)) values = Rows(values, shape, row => Apart(row, spec));
                if (architecture == "gpt2" && shape.Length == 2 && gguf.StartsWith("blk", StringComparison.Ordinal)) (values, shape) = (Turn(values, shape), [shape[1], shape[0]]);
                writer.Tensor(gguf + kind, 0, [.. shape.Reverse().Select(size => (ulong)size)], MemoryMarshal.AsBytes<float>(values));
            }
        }
    }

    private static void Stack(GgufWriter writer, DecoderSpec spec, ModelFolder folder, string hf, string gguf)
    {
        var all = Enumerable.Range(0, spec.Experts!.Count).Select(e => Find(folder, spec, hf.Replace("{E}", e.ToString(), StringComparison.Ordinal) + ".weight")!).ToList();
        writer.Tensor(gguf + ".weight", 0, [(ulong)all[0].Shape[1], (ulong)all[0].Shape[0], (ulong)all.Count], MemoryMarshal.AsBytes<float>([.. all.SelectMany(Values)]));
    }

    private static StoredTensor? Find(ModelFolder folder, DecoderSpec spec, string name) =>
        spec.Names.Prefixes.Select(prefix => prefix + name).Append(name).Select(full => folder.Tensors.Tensors.GetValueOrDefault(full)).FirstOrDefault(tensor => tensor is not null);

    /// <summary>Where a row of the folder stands in the file: (head, half, i) → (head, i, half).</summary>
    private static long SideBySide(long row, int size) => (row / size * size) + (row % size % (size / 2) * 2) + (row % size / (size / 2));

    /// <summary>(head, 3, d) → (3, head, d).</summary>
    private static long Apart(long row, DecoderSpec spec)
    {
        var (head, part, d) = (row / (3 * spec.HeadDim), row / spec.HeadDim % 3, row % spec.HeadDim);
        return (part * spec.Hidden) + (head * spec.HeadDim) + d;
    }

    private static float[] Rows(float[] values, long[] shape, Func<long, long> place)
    {
        var columns = values.Length / (int)shape[0];
        var moved = new float[values.Length];
        for (var row = 0; row < shape[0]; row++) values.AsSpan(row * columns, columns).CopyTo(moved.AsSpan((int)place(row) * columns));
        return moved;
    }

    private static float[] Turn(float[] values, long[] shape)
    {
        var turned = new float[values.Length];
        for (var r = 0; r < shape[0]; r++)
            for (var c = 0; c < shape[1]; c++) turned[(c * shape[0]) + r] = values[(r * shape[1]) + c];
        return turned;
    }
}
