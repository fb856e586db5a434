using Gateway.Engine.Models;
using Gateway.Engine.Torch.Kernels;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Transformer;

/// <summary>A mixture of experts: each computes only the tokens that the router sends to it.</summary>
internal sealed class ExpertFeedForward(ExpertSpec spec, Linear router, IReadOnlyList<DenseFeedForward> experts) : FeedForward
{
    public override Tensor Apply(Tensor x, Action<string, Tensor>? observe = null)
    {
        var scores = router.Apply(x); // [tokens, experts]
        observe?.Invoke("router", scores);
        var (best, chosen) = scores.topk(spec.PerToken); // [tokens, perToken]
        var shares = spec.Weighting == ExpertWeighting.OverChosen ? best.softmax(-1) : scores.softmax(-1).gather(1, chosen);
        shares = shares.view(-1, 1); // [tokens · perToken, 1]
        var sum = zeros_like(x);
        foreach (var group in chosen.view(-1).cpu().data<long>().ToArray().Select((expert, choice) => (expert, choice: (long)choice)).GroupBy(pair => pair.expert, pair => pair.choice).OrderBy(group => group.Key))
        {
            using var scope = NewDisposeScope();
            var choices = tensor(group.ToArray(), device: x.device); // [routed]
            var rows = tensor(group.Select(choice => choice / spec.PerToken).ToArray(), device: x.device);
            var share = experts[(int)group.Key].Apply(x.index_select(0, rows)) * shares.index_select(0, choices); // [routed, hidden]
            sum.index_add_(0, rows, share, Constant.One);
        }

        return sum;
    }

    public override void Dispose()
    {
        router.Dispose();
        foreach (var expert in experts) expert.Dispose();
    }
}
