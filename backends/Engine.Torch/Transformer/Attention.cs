using Gateway.Engine.Models;
using Gateway.Engine.Torch.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Transformer;

/// <summary>Attention over the paged cache, view by view: on a CPU a sequence each, so that what is cached of one is never copied or padded for another.</summary>
internal sealed class Attention(DecoderSpec spec, PagedKv cache, Sights sights)
{
    // scaled_dot_product_attention divides by √headDim itself.
    private readonly Scalar? queryScale = Math.Abs((spec.ScoreScale * Math.Sqrt(spec.HeadDim)) - 1) > 1e-12 ? spec.ScoreScale * Math.Sqrt(spec.HeadDim) : null;
    private readonly Scalar scoreScale = 1 / Math.Sqrt(spec.HeadDim);
    private readonly Scalar? cap = spec.ScoreCap;

    /// <param name="n">The layer.</param>
    /// <param name="layer">Its weights.</param>
    /// <param name="qkv">[tokens, (heads + 2 kvHeads) · headDim].</param>
    /// <param name="turn">[tokens, 1, pairs] complex, or null.</param>
    /// <param name="batch">The step.</param>
    /// <param name="observe">Told the weights, [heads, tokens, length], of a single sequence; for tests.</param>
    /// <returns>[tokens, heads · headDim].</returns>
    public Tensor Apply(int n, LayerWeights layer, Tensor qkv, Tensor? turn, RaggedBatch batch, Action<string, Tensor>? observe)
    {
        var (heads, kvHeads, size) = (spec.Heads, spec.KvHeads, spec.HeadDim);
        var tokens = qkv.shape[0];
        var query = qkv.narrow(1, 0, heads * size).view(tokens, heads, size);
        var key = qkv.narrow(1, heads * size, kvHeads * size).view(tokens, kvHeads, size);
        if (layer.QueryNorm is not null) query = layer.QueryNorm.Apply(query);
        if (layer.KeyNorm is not null) key = layer.KeyNorm.Apply(key);
        if (turn is not null && layer.QueryNorm is null && layer.KeyNorm is null)
        {
            // Queries and keys lie side by side: one turn for both.
            var both = Turn(qkv.narrow(1, 0, (heads + kvHeads) * size).view(tokens, heads + kvHeads, size), turn);
            (query, key) = (both.narrow(1, 0, heads), both.narrow(1, heads, kvHeads));
        }
        else if (turn is not null)
        {
            (query, key) = (Turn(query, turn), Turn(key, turn));
        }

        cache.Write(n, batch.Slots, key, qkv.narrow(1, (heads + kvHeads) * size, kvHeads * size).view(tokens, kvHeads, size));
        if (queryScale is not null) query = query * queryScale;

        var group = heads / kvHeads;
        var parts = new List<Tensor>(batch.Views.Count);
        foreach (var view in batch.Views)
        {
            var sight = view.Sights[sights.IndexOf(n)];
            var (keys, values) = cache.Read(n, sight, view.Sequences);
            // The heads of a group are rows over the same keys: no key is copied for them.
            var q = query.narrow(0, view.FirstRow, view.Sequences * view.Tokens).view(view.Sequences, view.Tokens, kvHeads, group, size).permute(0, 2, 3, 1, 4)
                .reshape(view.Sequences, kvHeads, group * view.Tokens, size);
            var o = spec.ScoreCap is null && layer.Sinks is null && observe is null
                ? nn.functional.scaled_dot_product_attention(q, keys, values, sight.Mask) // [sequences, kvHeads, group · tokens, headDim]
                : matmul(Weights(q, keys, sight, layer, view, observe), values);
            parts.Add(o.view(view.Sequences, kvHeads, group, view.Tokens, size).permute(0, 3, 1, 2, 4).reshape(view.Sequences * view.Tokens, heads * size));
        }

        return parts.Count == 1 ? parts[0] : cat(parts, 0); // [tokens, heads · headDim]
    }

    /// <summary>The first dimensions of each head, pair by pair.</summary>
    private Tensor Turn(Tensor x, Tensor turn)
    {
        var (tokens, heads, pairs) = (x.shape[0], x.shape[1], turn.shape[2]);
        if (pairs * 2 == spec.HeadDim) return view_as_real(view_as_complex(x.reshape(tokens, heads, pairs, 2)) * turn).view(tokens, heads, spec.HeadDim);
        var turned = view_as_real(view_as_complex(x.narrow(2, 0, pairs * 2).reshape(tokens, heads, pairs, 2)) * turn).view(tokens, heads, pairs * 2);
        return cat([turned, x.narrow(2, pairs * 2, spec.HeadDim - (pairs * 2))], 2);
    }

    /// <summary>Attention weights step by step, for what the fused operator cannot do: [sequences, kvHeads, group · tokens, length].</summary>
    private Tensor Weights(Tensor q, Tensor keys, in Sight sight, LayerWeights layer, in SequenceView view, Action<string, Tensor>? observe)
    {
        var scores = matmul(q, keys.transpose(2, 3)) * scoreScale;
        if (cap is not null) scores = tanh(scores / cap) * cap;
        if (sight.Mask is not null) scores = scores.Plus(sight.Mask);
        if (layer.Sinks is not null)
        {
            // A score for nothing at all: it takes its share of the softmax and gives no value.
            var sinks = layer.Sinks.view(1, spec.KvHeads, -1, 1).expand(view.Sequences, spec.KvHeads, -1, view.Tokens).reshape(view.Sequences, spec.KvHeads, -1, 1);
            scores = cat([scores, sinks], 3);
        }

        var weights = scores.softmax(-1).narrow(3, 0, sight.Length);
        observe?.Invoke("attention", weights.reshape(spec.Heads, view.Tokens, sight.Length));
        return weights;
    }
}
