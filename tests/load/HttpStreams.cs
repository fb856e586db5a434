using System.Diagnostics;
using System.Text;

namespace Gateway.Load;

/// <summary>What a number of streams gave together.</summary>
/// <param name="Tokens">Tokens generated over all streams.</param>
/// <param name="Elapsed">From the first request to the last end.</param>
/// <param name="FirstToken">Median time to the first token of a stream.</param>
internal readonly record struct Measured(int Tokens, TimeSpan Elapsed, TimeSpan FirstToken)
{
    public double TokensPerSecond => Tokens / Elapsed.TotalSeconds;
}

/// <summary>Streams legacy completions of fixed length through HTTP, as many at once as asked.</summary>
internal sealed class HttpStreams(Uri address) : IDisposable
{
    private readonly HttpClient client = new(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };

    public async Task<Measured> RunAsync(string model, int[] prompt, int tokens, int streams, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var runs = await Task.WhenAll(Enumerable.Range(0, streams).Select(i => StreamAsync(model, [.. prompt, 100 + i], tokens, cancellation)));
        return new Measured(runs.Sum(run => run.Tokens), clock.Elapsed, runs.Select(run => run.FirstToken).Order().ElementAt(streams / 2));
    }

    private async Task<(int Tokens, TimeSpan FirstToken)> StreamAsync(string model, int[] prompt, int tokens, CancellationToken cancellation)
    {
        // Banning the end tokens keeps every stream at the same length.
        var body = $$$"""{"model":"{{{model}}}","prompt":[{{{string.Join(',', prompt)}}}],"max_tokens":{{{tokens}}},"temperature":0,"logit_bias":{"0":-100,"2":-100},"stream":true,"stream_options":{"include_usage":true}}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        var clock = Stopwatch.StartNew();
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException(await answer.Content.ReadAsStringAsync(cancellation));
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellation));
        TimeSpan? first = null;
        var count = 0;
        while (await lines.ReadLineAsync(cancellation) is { } line)
        {
            if (!line.StartsWith("data: {", StringComparison.Ordinal)) continue;
            first ??= clock.Elapsed;
            var at = line.IndexOf("\"completion_tokens\":", StringComparison.Ordinal);
            if (at >= 0) count = int.Parse(new string([.. line[(at + 20)..].SkipWhile(c => c == ' ').TakeWhile(char.IsAsciiDigit)]));
        }

        return (count, first ?? clock.Elapsed);
    }

    public void Dispose() => client.Dispose();
}
