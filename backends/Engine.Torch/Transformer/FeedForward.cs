using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Transformer;

/// <summary>The part of a layer that looks at one token at a time.</summary>
internal abstract class FeedForward : IDisposable
{
    /// <param name="x">[tokens, hidden].</param>
    /// <param name="observe">Told the router's scores, [tokens, experts]; for tests.</param>
    /// <returns>[tokens, hidden].</returns>
    public abstract Tensor Apply(Tensor x, Action<string, Tensor>? observe = null);

    public abstract void Dispose();
}
