using Gateway.Engine.Models;
using Gateway.Engine.Torch.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Transformer;

/// <summary>The forward pass of any decoder that a <see cref="DecoderSpec"/> describes. Call inside a dispose scope and inference mode.</summary>
internal sealed class Decoder(DecoderSpec spec, DecoderWeights weights, PagedKv cache, Sights sights, Turns turns) : IDisposable
{
    private readonly Scalar embeddingScale = spec.EmbeddingScale;
    private readonly Scalar epsilon = spec.NormEpsilon;
    private readonly Scalar? logitCap = spec.LogitCap;
    private readonly Attention attention = new(spec, cache, sights);

    /// <summary>Called with <c>embed</c>, <c>layer.N</c>, <c>attention.N</c>, <c>router.N</c> and <c>final</c> and what is there; for tests.</summary>
    public Action<string, Tensor>? Observer { get; set; }

    /// <summary>Logits of the wanted rows, [rows, vocabulary].</summary>
    public Tensor Forward(RaggedBatch batch)
    {
        var logits = weights.Head!.Apply(States(batch));
        return logitCap is not null ? tanh(logits / logitCap) * logitCap : logits;
    }

    /// <summary>Hidden states of the wanted rows after the final norm, [rows, hidden].</summary>
    public Tensor States(RaggedBatch batch)
    {
        var x = Embed(batch);
        Observer?.Invoke("embed", x);
        var turned = turns.Of(batch.Slices, (int)x.shape[0]);
        for (var n = 0; n < weights.Layers.Count; n++)
        {
            // What a layer leaves behind is freed before the next one, so that memory does not grow with depth.
            using var scope = NewDisposeScope();
            var after = Layer(n, x, turned[n], batch).MoveToOuterDisposeScope();
            if (n > 0) x.Dispose();
            x = after;
            Observer?.Invoke($"layer.{n}", x);
        }

        if (batch.LogitRows is not null) x = x.index_select(0, batch.LogitRows); // [rows, hidden]
        if (weights.FinalNorm is not null) x = weights.FinalNorm.Apply(x);
        if (weights.ProjectOut is not null) x = weights.ProjectOut.Apply(x);
        Observer?.Invoke("final", x);
        return x;
    }

    public void Dispose()
    {
        sights.Dispose();
        weights.Dispose();
    }

    private Tensor Embed(RaggedBatch batch)
    {
        var x = weights.Embedding.index_select(0, batch.Tokens).to(ScalarType.Float32); // [tokens, hidden]
        if (spec.EmbeddingScale != 1) x = x * embeddingScale;
        if (weights.ProjectIn is not null) x = weights.ProjectIn.Apply(x);
        if (weights.Positions is not null) x = x.Plus(weights.Positions.index_select(0, batch.Positions));
        return weights.EmbeddingNorm?.Apply(x) ?? x;
    }

    private Tensor Layer(int n, Tensor x, Tensor? turn, RaggedBatch batch)
    {
        var layer = weights.Layers[n];
        Action<string, Tensor>? observe = Observer is null ? null : (name, rows) => Observer($"{name}.{n}", rows);
        Tensor Attend(Tensor qkv)
        {
            var o = layer.Output.Apply(attention.Apply(n, layer, qkv, turn, batch, observe));
            return layer.AttentionOutputNorm?.Apply(o) ?? o;
        }

        switch (spec.Residual)
        {
            case ResidualKind.Parallel:
                return x.Plus(Attend(layer.Qkv.Apply(layer.AttentionNorm.Apply(x)))).Plus(layer.Mlp.Apply(layer.MlpNorm.Apply(x), observe));
            case ResidualKind.NormAfter:
                x = layer.AttentionNorm.Apply(x.Plus(Attend(layer.Qkv.Apply(x))));
                return layer.MlpNorm.Apply(x.Plus(layer.Mlp.Apply(x, observe)));
        }

        var fused = weights.Script is not null && spec.Norm == NormKind.RmsNorm ? weights.Script : null;
        x = x.Plus(Attend(fused is not null
            ? (Tensor)fused.invoke("rms_linear" + layer.Qkv.Suffix, x, layer.AttentionNorm.Weight, epsilon, layer.Qkv.Weight, layer.Qkv.Bias!)!
            : layer.Qkv.Apply(layer.AttentionNorm.Apply(x)))); // [tokens, hidden]
        if (fused is not null && layer.Mlp is DenseFeedForward { } dense && spec.Gated && spec.Activation == Activation.Silu && layer.MlpOutputNorm is null)
            return (Tensor)fused.invoke("gated" + dense.Up.Suffix, x, layer.MlpNorm.Weight, epsilon, dense.Up.Weight, dense.Up.Bias!, dense.Down.Weight, dense.Down.Bias!)!;
        var inside = layer.Mlp.Apply(layer.MlpNorm.Apply(x), observe);
        return x.Plus(layer.MlpOutputNorm?.Apply(inside) ?? inside);
    }
}
