using Gateway.Engine.Encoders;
using Gateway.Engine.Torch.Kernels;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Encoders;

/// <summary>The forward pass of any encoder that an <see cref="EncoderSpec"/> describes. Call inside a dispose scope and inference mode.</summary>
internal sealed class Encoder : IDisposable
{
    private readonly EncoderSpec spec;
    private readonly EncoderWeights weights;
    private readonly Dictionary<double, (Tensor Cos, Tensor Sin)> turns; // by rotary base, [context, headDim] each

    public Encoder(EncoderSpec spec, EncoderWeights weights, Device device)
    {
        (this.spec, this.weights) = (spec, weights);
        turns = spec.LayerKinds.Select(kind => kind.RotaryBase).Distinct().ToDictionary(theta => theta, theta => Turns(theta, spec, device));
    }

    /// <summary>The last hidden states, [tokens, hidden] or [rows, hidden].</summary>
    public Tensor Forward(EncoderBatch batch)
    {
        var x = weights.Embedding.index_select(0, batch.Tokens); // [tokens, hidden]
        if (weights.Positions is not null) x = x.Plus(weights.Positions.index_select(0, batch.Positions));
        if (weights.TokenTypes is not null) x = x.Plus(weights.TokenTypes.index_select(0, batch.TokenTypes));
        x = weights.EmbeddingNorm.Apply(x);
        var biases = batch.Runs.Select(run => Biases(run.Length)).ToList(); // the same in all layers
        for (var n = 0; n < weights.Layers.Count; n++)
        {
            // What a layer leaves behind is freed before the next one, so that memory does not grow with depth.
            using var scope = NewDisposeScope();
            var after = Layer(n, x, batch, biases).MoveToOuterDisposeScope();
            if (n > 0) x.Dispose();
            x = after;
        }

        if (batch.Wanted is not null) x = x.index_select(0, batch.Wanted); // [rows, hidden]
        return weights.FinalNorm is null ? x : weights.FinalNorm.Apply(x);
    }

    public void Dispose()
    {
        foreach (var (cos, sin) in turns.Values)
        {
            cos.Dispose();
            sin.Dispose();
        }

        weights.Dispose();
    }

    private Tensor Layer(int n, Tensor x, EncoderBatch batch, List<Tensor?> biases)
    {
        var layer = weights.Layers[n];
        if (spec.NormFirst)
        {
            x = x.Plus(layer.Output.Apply(Attention(n, layer.Qkv.Apply(layer.AttentionNorm is null ? x : layer.AttentionNorm.Apply(x)), batch, biases)));
            return x.Plus(layer.Down.Apply(FeedForward(layer, layer.MlpNorm.Apply(x))));
        }

        x = layer.AttentionNorm!.Apply(x.Plus(layer.Output.Apply(Attention(n, layer.Qkv.Apply(x), batch, biases))));
        return layer.MlpNorm.Apply(x.Plus(layer.Down.Apply(FeedForward(layer, x))));
    }

    private Tensor FeedForward(EncoderLayerWeights layer, Tensor x)
    {
        var up = layer.Up.Apply(x); // [tokens, intermediate], twice that with a gate
        if (!spec.Gated) return Nonlinearity.Apply(spec.Activation, up);
        return Nonlinearity.Apply(spec.Activation, up.narrow(1, 0, spec.Intermediate)) * up.narrow(1, spec.Intermediate, spec.Intermediate);
    }

    /// <param name="qkv">[tokens, 3 · hidden].</param>
    private Tensor Attention(int n, Tensor qkv, EncoderBatch batch, List<Tensor?> biases)
    {
        var (heads, size) = (spec.Heads, spec.Hidden / spec.Heads);
        var kind = spec.LayerKinds.Count > 0 ? spec.LayerKinds[n] : null;
        var parts = new List<Tensor>(batch.Runs.Count);
        foreach (var run in batch.Runs)
        {
            var each = qkv.narrow(0, run.FirstRow, run.Texts * run.Length).view(run.Texts, run.Length, 3, heads, size).permute(2, 0, 3, 1, 4); // [3, texts, heads, length, headDim]
            var (q, k, v) = (each[0], each[1], each[2]);
            if (kind is not null) (q, k) = (Turn(q, kind), Turn(k, kind));
            var o = kind?.Sight is { } sight && run.Length > sight + 1
                ? Near(q, k, v, sight)
                : nn.functional.scaled_dot_product_attention(q, k, v, biases[parts.Count]); // [texts, heads, length, headDim]
            parts.Add(o.transpose(1, 2).reshape(run.Texts * run.Length, spec.Hidden));
        }

        return parts.Count == 1 ? parts[0] : cat(parts, 0); // [tokens, hidden]
    }

    /// <summary>Attention that sees a few positions to each side, a stretch of rows at a time: the cost grows with the length and not with its square.</summary>
    private static Tensor Near(Tensor q, Tensor k, Tensor v, int sight)
    {
        const int stretch = 256;
        var length = (int)q.shape[2];
        var parts = new List<Tensor>();
        for (var from = 0; from < length; from += stretch)
        {
            var rows = Math.Min(stretch, length - from);
            var first = Math.Max(0, from - sight);
            var keys = Math.Min(length, from + rows + sight) - first;
            parts.Add(nn.functional.scaled_dot_product_attention(q.narrow(2, from, rows), k.narrow(2, first, keys), v.narrow(2, first, keys), Sight(rows, keys, from - first, sight, q.device)));
        }

        return parts.Count == 1 ? parts[0] : cat(parts, 2); // [texts, heads, length, headDim]
    }

    /// <summary>[1, heads, length, length]: what each head adds for the distance of two positions; null for a network that knows none.</summary>
    private Tensor? Biases(int length)
    {
        if (weights.Distances is null) return null;
        var buckets = new long[length * length];
        for (var row = 0; row < length; row++)
            for (var key = 0; key < length; key++) buckets[(row * length) + key] = DistanceBuckets.Of(key - row, spec.DistanceBuckets);
        var chosen = weights.Distances.index_select(0, tensor(buckets, device: weights.Distances.device)); // [length · length, heads]
        return chosen.view(length, length, spec.Heads).permute(2, 0, 1).unsqueeze(0).contiguous();
    }

    /// <summary>Dimensions i and i + half of a head turn together.</summary>
    private Tensor Turn(Tensor x, EncoderLayerSpec kind)
    {
        var (cos, sin) = turns[kind.RotaryBase];
        var (length, half) = (x.shape[2], x.shape[3] / 2);
        var crossed = cat([x.narrow(3, half, half).neg(), x.narrow(3, 0, half)], 3);
        return (x * cos.narrow(0, 0, length)).Plus(crossed * sin.narrow(0, 0, length));
    }

    /// <summary>[rows, keys]: 0 where the distance is at most <paramref name="sight"/>, else −∞. Row 0 stands at key <paramref name="offset"/>.</summary>
    private static Tensor Sight(int rows, int keys, int offset, int sight, Device device)
    {
        var mask = new float[rows * keys];
        for (var row = 0; row < rows; row++)
            for (var key = 0; key < keys; key++)
                if (Math.Abs(row + offset - key) > sight) mask[(row * keys) + key] = float.NegativeInfinity;
        return tensor(mask, [rows, keys], device: device);
    }

    private static (Tensor Cos, Tensor Sin) Turns(double theta, EncoderSpec spec, Device device)
    {
        var size = spec.Hidden / spec.Heads;
        var (cos, sin) = (new float[spec.ContextLength * size], new float[spec.ContextLength * size]);
        for (var at = 0; at < cos.Length; at++)
        {
            var frequency = Math.Pow(theta, -2.0 * (at % size % (size / 2)) / size);
            (sin[at], cos[at]) = ((float, float))Math.SinCos(at / size * frequency);
        }

        return (tensor(cos, [spec.ContextLength, size], device: device).DetachFromDisposeScope(), tensor(sin, [spec.ContextLength, size], device: device).DetachFromDisposeScope());
    }
}
