using System.Diagnostics;
using Gateway.Engine.Backend;
using Gateway.Engine.Sampling;

namespace Gateway.Load;

/// <summary>The same streams as <see cref="HttpStreams"/>, taken from the engine in this process: the reference.</summary>
internal sealed class EngineStreams(IModelBackend backend)
{
    public async Task<Measured> RunAsync(int[] prompt, int tokens, int streams, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var runs = await Task.WhenAll(Enumerable.Range(0, streams).Select(i => Task.Run(() => StreamAsync([.. prompt, 100 + i], tokens, cancellation), cancellation)));
        return new Measured(runs.Sum(run => run.Tokens), clock.Elapsed, runs.Select(run => run.FirstToken).Order().ElementAt(streams / 2));
    }

    private async Task<(int Tokens, TimeSpan FirstToken)> StreamAsync(int[] prompt, int tokens, CancellationToken cancellation)
    {
        var sampling = SamplingOptions.Greedy with { LogitBias = SamplingOptions.Greedy.LogitBias.Add(0, -100).Add(2, -100) };
        var clock = Stopwatch.StartNew();
        TimeSpan? first = null;
        var count = 0;
        await foreach (var _ in backend.Generate([new GenerationRequest(prompt, sampling, tokens, [0, 2])], cancellation)[0].WithCancellation(cancellation))
        {
            first ??= clock.Elapsed;
            count++;
        }

        return (count, first ?? clock.Elapsed);
    }
}
