using Gateway.Engine.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Transformer;

/// <summary>The forward pass of any decoder that a <see cref="DecoderSpec"/> describes. Call inside a dispose scope and inference mode.</summary>
internal sealed class Decoder : IDisposable
{
    private readonly DecoderSpec spec;
    private readonly DecoderWeights weights;
    private readonly PagedKv cache;
    private readonly Tensor? turns; // [context, headDim / 2] complex: how far each position turns each pair

    public Decoder(DecoderSpec spec, DecoderWeights weights, PagedKv cache, int contextLength, Device device)
    {
        (this.spec, this.weights, this.cache) = (spec, weights, cache);
        if (spec.Rotary is { } rotary) turns = Turns(rotary, contextLength, device);
        if (spec.Position == PositionKind.Alibi) Slopes = tensor(AlibiSlopes(spec.Heads), device: device).view(1, spec.Heads, 1, 1).DetachFromDisposeScope();
    }

    /// <summary>[1, heads, 1, 1] for ALiBi.</summary>
    public Tensor? Slopes { get; }

    /// <summary>Called with <c>embed</c>, <c>layer.N</c> and <c>final</c> and the rows there, [tokens, hidden]; for tests.</summary>
    public Action<string, Tensor>? Observer { get; set; }

    /// <summary>Logits of the wanted rows, [rows, vocabulary].</summary>
    public Tensor Forward(RaggedBatch batch)
    {
        var x = weights.Embedding.index_select(0, batch.Tokens); // [tokens, hidden]
        if (weights.Positions is not null) x = x + weights.Positions.index_select(0, batch.Positions);
        if (weights.EmbeddingNorm is not null) x = weights.EmbeddingNorm.Apply(x);
        Observer?.Invoke("embed", x);
        var turn = turns?.index_select(0, batch.Positions).unsqueeze(1); // [tokens, 1, headDim / 2]
        for (var n = 0; n < weights.Layers.Count; n++)
        {
            // What a layer leaves behind is freed before the next one, so that memory does not grow with depth.
            using var scope = NewDisposeScope();
            var after = Layer(n, x, turn, batch).MoveToOuterDisposeScope();
            if (n > 0) x.Dispose();
            x = after;
            Observer?.Invoke($"layer.{n}", x);
        }

        if (batch.LogitRows is not null) x = x.index_select(0, batch.LogitRows); // [rows, hidden]
        x = weights.FinalNorm.Apply(x);
        Observer?.Invoke("final", x);
        return weights.Head.Apply(x);
    }

    public void Dispose()
    {
        turns?.Dispose();
        Slopes?.Dispose();
        weights.Dispose();
    }

    private Tensor Layer(int n, Tensor x, Tensor? turn, RaggedBatch batch)
    {
        var layer = weights.Layers[n];
        var scripted = weights.Script is not null && spec.Norm == NormKind.RmsNorm;
        var qkv = scripted
            ? (Tensor)weights.Script!.invoke("rms_linear", x, layer.AttentionNorm.Weight, spec.NormEpsilon, layer.Qkv.Weight, layer.Qkv.Bias!)!
            : layer.Qkv.Apply(layer.AttentionNorm.Apply(x)); // [tokens, (heads + 2 kvHeads) · headDim]
        x = x + layer.Output.Apply(Attention(n, qkv, turn, batch));
        if (scripted && spec.Gated && spec.Activation == Activation.Silu)
            return (Tensor)weights.Script!.invoke("gated", x, layer.MlpNorm.Weight, spec.NormEpsilon, layer.Up.Weight, layer.Up.Bias!, layer.Down.Weight, layer.Down.Bias!)!;
        return x + layer.Down.Apply(FeedForward(layer, layer.MlpNorm.Apply(x)));
    }

    private Tensor FeedForward(LayerWeights layer, Tensor x)
    {
        var up = layer.Up.Apply(x); // [tokens, intermediate], twice that with a gate
        if (!spec.Gated) return Activate(up);
        return Activate(up.narrow(1, 0, spec.Intermediate)) * up.narrow(1, spec.Intermediate, spec.Intermediate);
    }

    private Tensor Activate(Tensor x) => spec.Activation switch
    {
        Activation.Silu => nn.functional.silu(x),
        Activation.Gelu => nn.functional.gelu(x),
        Activation.Relu => nn.functional.relu(x),
        _ => GeluTanh(x),
    };

    private static Tensor GeluTanh(Tensor x) => x * 0.5 * (tanh((x + (x * x * x * 0.044715)) * Math.Sqrt(2 / Math.PI)) + 1);

    private Tensor Attention(int n, Tensor qkv, Tensor? turn, RaggedBatch batch)
    {
        var (heads, kvHeads, size) = (spec.Heads, spec.KvHeads, spec.HeadDim);
        var tokens = qkv.shape[0];
        var turned = qkv.narrow(1, 0, (heads + kvHeads) * size).view(tokens, heads + kvHeads, size); // [tokens, heads + kvHeads, headDim]
        if (turn is not null)
            turned = view_as_real(view_as_complex(turned.view(tokens, heads + kvHeads, size / 2, 2)) * turn).view(tokens, heads + kvHeads, size);
        var value = qkv.narrow(1, (heads + kvHeads) * size, kvHeads * size).view(tokens, kvHeads, size);
        cache.Write(n, batch.Slots, turned.narrow(1, heads, kvHeads), value);
        var query = turned.narrow(1, 0, heads);

        var group = heads / kvHeads;
        var parts = new List<Tensor>(batch.Views.Count);
        foreach (var view in batch.Views)
        {
            var (keys, values) = cache.Read(n, view);
            // The heads of a group are rows over the same keys: no key is copied for them.
            var q = query.narrow(0, view.FirstRow, view.Tokens).view(view.Tokens, kvHeads, group, size).permute(1, 2, 0, 3).reshape(1, kvHeads, group * view.Tokens, size);
            var o = nn.functional.scaled_dot_product_attention(q, keys, values, view.Mask); // [1, kvHeads, group · tokens, headDim]
            parts.Add(o.view(kvHeads, group, view.Tokens, size).permute(2, 0, 1, 3).reshape(view.Tokens, heads * size));
        }

        return parts.Count == 1 ? parts[0] : cat(parts, 0); // [tokens, heads · headDim]
    }

    private static Tensor Turns(RotarySpec rotary, int contextLength, Device device)
    {
        var pairs = rotary.InverseFrequencies.Count;
        var turns = new float[contextLength * pairs * 2];
        for (var position = 0; position < contextLength; position++)
        {
            for (var i = 0; i < pairs; i++)
            {
                var (sin, cos) = Math.SinCos(position * rotary.InverseFrequencies[i]);
                turns[((position * pairs) + i) * 2] = (float)(cos * rotary.Attention);
                turns[(((position * pairs) + i) * 2) + 1] = (float)(sin * rotary.Attention);
            }
        }

        return view_as_complex(tensor(turns, [contextLength, pairs, 2], device: device)).DetachFromDisposeScope();
    }

    /// <summary>Press et al. (2022): a geometric series; counts that are no power of two take every other slope of the next one for the rest.</summary>
    internal static float[] AlibiSlopes(int heads)
    {
        var power = 1 << (int)Math.Floor(Math.Log2(heads));
        var slopes = Enumerable.Range(1, power).Select(i => Math.Pow(2, -8.0 * i / power));
        var rest = Enumerable.Range(0, heads - power).Select(i => Math.Pow(2, -4.0 * ((2 * i) + 1) / power));
        return [.. slopes.Concat(rest).Select(slope => (float)slope)];
    }
}
