using System.Collections.Immutable;
using System.Globalization;
using Gateway.Engine.Models;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Gateway.Engine.Onnx.Exported;

/// <summary>How rows of different length share a pass.</summary>
internal enum Padding
{
    /// <summary>Positions cannot be told from the mask: one row at a time.</summary>
    None,

    /// <summary>Zeros in the mask before a row; its positions are given.</summary>
    Left,

    /// <summary>Zeros after a row; its length is the mask's sum.</summary>
    Right,
}

/// <summary>The inputs and outputs of a decoder with a cache, found in its graph and checked.</summary>
internal sealed record DecoderSignature
{
    private const int MostLayers = 1024;
    private const int MostOfAHead = 1 << 16;

    public required string Tokens { get; init; }

    public required string Logits { get; init; }

    /// <summary>Null for a graph without one.</summary>
    public string? Mask { get; init; }

    public string? Positions { get; init; }

    /// <summary>Input of the merged layout: whether there is a past.</summary>
    public string? HasPast { get; init; }

    /// <summary>Keys, then values, of each layer.</summary>
    public required ImmutableArray<KvTensor> Cache { get; init; }

    /// <summary>float32 or float16.</summary>
    public required TensorElementType CacheType { get; init; }

    public required TensorElementType LogitsType { get; init; }

    public required Padding Padding { get; init; }

    public int CacheBytes => CacheType == TensorElementType.Float ? sizeof(float) : sizeof(ushort);

    /// <exception cref="ModelFolderException">The graph has other inputs or outputs than a decoder with a cache.</exception>
    public static DecoderSignature Of(GraphFile graph, DecoderNames names, CacheSizes sizes)
    {
        var unclaimed = new Dictionary<string, GraphValue>(graph.Inputs);
        var tokens = Take(names.Tokens) ?? throw Bad($"has no input '{names.Tokens}'");
        var mask = Take(names.Mask);
        var positions = Take(names.Positions);
        var hasPast = Take("use_cache_branch");
        foreach (var whole in new[] { tokens, mask, positions })
            if (whole is not null && (whole.Type != TensorElementType.Int64 || whole.Dimensions.Length != 2)) throw Bad($"the input {whole} is not a matrix of 64-bit integers");
        if (hasPast is not null && hasPast.Type != TensorElementType.Bool) throw Bad($"the input {hasPast} is not a boolean");

        var logits = graph.Outputs.GetValueOrDefault(names.Logits) ?? throw Bad($"has no output '{names.Logits}'");
        if (logits.Dimensions.Length != 3) throw Bad($"the output {logits} is not [batch, tokens, vocabulary]");
        var cache = ImmutableArray.CreateBuilder<KvTensor>();
        TensorElementType? type = null;
        for (var layer = 0; layer < MostLayers && graph.Inputs.ContainsKey(Named(names.PastKey, layer)); layer++)
        {
            cache.Add(Layer(names.PastKey, names.PresentKey, layer));
            cache.Add(Layer(names.PastValue, names.PresentValue, layer));
        }

        if (cache.Count == 0) throw Bad($"has no input '{Named(names.PastKey, 0)}': only decoders that were exported with their cache can be served");
        if (sizes.Layers is { } layers && layers != cache.Count / 2) throw Bad($"has {cache.Count / 2} layers of cache, but the configuration says {layers}");
        if (unclaimed.Count > 0) throw Bad($"has the input {unclaimed.Values.First()}, which is not understood; known are {names.Tokens}, {names.Mask}, {names.Positions}, use_cache_branch and the cache");
        if (!IsReal(logits.Type)) throw Bad($"the output {logits} is neither float32 nor float16");
        if (graph.HasGroupQueryAttention && mask is null) throw Bad($"has no input '{names.Mask}', from which its attention would know the lengths");
        return new DecoderSignature
        {
            Tokens = tokens.Name,
            Logits = logits.Name,
            Mask = mask?.Name,
            Positions = positions?.Name,
            HasPast = hasPast?.Name,
            Cache = cache.ToImmutable(),
            CacheType = type!.Value,
            LogitsType = logits.Type,
            Padding = mask is null ? Padding.None : graph.HasGroupQueryAttention ? Padding.Right : positions is not null ? Padding.Left : Padding.None,
        };

        KvTensor Layer(string pastName, string presentName, int layer)
        {
            var past = Take(Named(pastName, layer)) ?? throw Bad($"has no input '{Named(pastName, layer)}'");
            var present = graph.Outputs.GetValueOrDefault(Named(presentName, layer)) ?? throw Bad($"has no output '{Named(presentName, layer)}'");
            if (past.Dimensions.Length != 4) throw Bad($"the input {past} is not [batch, heads, positions, headSize]");
            if (!IsReal(past.Type)) throw Bad($"the input {past} is neither float32 nor float16");
            if (present.Type != past.Type || (type is not null && type != past.Type)) throw Bad($"the cache is of several types: {past}, {present}");
            type = past.Type;
            return new KvTensor(past.Name, present.Name, Size(past, 1, sizes.Heads, "KV heads"), Size(past, 3, sizes.HeadSize, "head size"), graph.Capacities.GetValueOrDefault(past.Name));
        }

        int Size(GraphValue past, int axis, int? configured, string what)
        {
            var size = past.Dimensions[axis] >= 0 ? past.Dimensions[axis] : configured ?? throw Bad($"the input {past} does not tell the {what}, and neither does the configuration");
            if (configured is not null && size != configured) throw Bad($"the input {past} has {size} for the {what}, but the configuration says {configured}");
            return size is > 0 and <= MostOfAHead ? (int)size : throw Bad($"the input {past} has {size} for the {what}");
        }

        GraphValue? Take(string name) => unclaimed.Remove(name, out var value) ? value : null;

        ModelFolderException Bad(string problem) => new(graph.Path, problem);
    }

    private static bool IsReal(TensorElementType type) => type is TensorElementType.Float or TensorElementType.Float16;

    private static string Named(string pattern, int layer) => pattern.Replace("%d", layer.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
