using System.Diagnostics;
using System.Runtime.CompilerServices;
using Gateway.Engine.Backend;
using Gateway.Worker.Hosting;

namespace Gateway.Worker.Generation;

/// <summary>Where a choice's time went: <c>queue</c> until the engine took it up, <c>prefill</c> until its first token, <c>decode</c> until its end.</summary>
internal static class GenerationSpans
{
    /// <summary>The same streams, watched where somebody listens.</summary>
    public static IReadOnlyList<IAsyncEnumerable<TokenEvent>> Watch(IReadOnlyList<IAsyncEnumerable<TokenEvent>> streams, IReadOnlyList<GenerationRequest> requests)
    {
        if (!CallSpans.Source.HasListeners() || Activity.Current is not { } call) return streams;
        var began = TimeProvider.System.GetUtcNow();
        return [.. streams.Select((tokens, choice) => WatchAsync(tokens, choice, requests[choice].Prompt.Length, call.Context, began, CancellationToken.None))];
    }

    private static async IAsyncEnumerable<TokenEvent> WatchAsync(
        IAsyncEnumerable<TokenEvent> tokens, int choice, int prompt, ActivityContext call, DateTimeOffset began, [EnumeratorCancellation] CancellationToken cancellation)
    {
        DateTimeOffset? first = null;
        var (waited, cached, made) = (TimeSpan.Zero, 0, 0);
        FinishReason? finish = null;
        try
        {
            await foreach (var token in tokens.WithCancellation(cancellation))
            {
                if (first is null) (first, waited, cached) = (TimeProvider.System.GetUtcNow(), token.Waited, token.CachedTokens);
                if (token.Token >= 0) made++;
                finish = token.Finish;
                yield return token;
            }
        }
        finally
        {
            var ended = TimeProvider.System.GetUtcNow();
            if (first is { } at)
            {
                var taken = began + waited < at ? began + waited : at;
                Write("queue", began, taken)?.Dispose();
                Write("prefill", taken, at)?.SetTag("gen_ai.usage.input_tokens", prompt).SetTag("gateway.cached_tokens", cached).Dispose();
                // Without a reason it was ended from here: by a stop string, or because the caller left.
                Write("decode", at, ended)?.SetTag("gen_ai.usage.output_tokens", made).SetTag("gen_ai.response.finish_reasons", FinishNames.Of(finish) is { } reason ? new[] { reason } : null).Dispose();
            }
            else
            {
                // It never got as far as a token: failed, or left.
                Write("queue", began, ended)?.SetStatus(ActivityStatusCode.Error, "no token").Dispose();
            }
        }

        Activity? Write(string name, DateTimeOffset from, DateTimeOffset to)
        {
            var span = CallSpans.Source.StartActivity(name, ActivityKind.Internal, call, startTime: from);
            return span?.SetTag("gateway.choice", choice).SetEndTime(to.UtcDateTime);
        }
    }
}
