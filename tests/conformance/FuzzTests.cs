using System.Net;
using Gateway.EndToEnd.Tests;
using Gateway.TestKit.Fuzzing;

namespace Gateway.Conformance.Tests;

/// <summary>Some of the bent requests of Worker.Tests, through both real processes.</summary>
public sealed class FuzzTests(RunningGateway gateway, ITestOutputHelper output) : IDisposable
{
    private readonly Wire wire = new(gateway.Address);

    public void Dispose() => wire.Dispose();

    [Fact]
    public async Task No_request_makes_the_gateway_or_its_worker_fail()
    {
        output.WriteLine($"FUZZ_SEED={RequestFuzz.Seed}");
        var fuzz = new RequestFuzz(RequestFuzz.Seed, "tiny-chat");
        var some = fuzz.EveryFieldWithEveryValue().Where((_, at) => at % 37 == 0).Concat(fuzz.Combined().Take(150)).Concat(fuzz.Mutated().Take(150));
        var before = OperatingSystem.IsLinux() ? gateway.Workers() : [];
        var answered = 0;
        var sent = 0;
        foreach (var request in some)
        {
            var (mistake, status) = await FuzzVerdict.AskAsync(wire.Http, request, Wire.Cancellation);
            mistake.ShouldBeNull($"{request.Path}, {request.How}, with FUZZ_SEED={RequestFuzz.Seed}");
            sent++;
            if (status == HttpStatusCode.OK) answered++;
        }

        sent.ShouldBeGreaterThan(500);
        answered.ShouldBeInRange(50, sent / 2);
        if (OperatingSystem.IsLinux()) before.ShouldBeSubsetOf(gateway.Workers(), "a worker was replaced");
        gateway.Process.HasExited.ShouldBeFalse();
        await wire.AnswerAsync("v1/chat/completions", Wire.Chat(",\"max_tokens\":2"));
    }
}
