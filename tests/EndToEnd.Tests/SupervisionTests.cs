using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Gateway.EndToEnd.Tests;

/// <summary>What happens to real processes: a worker killed in the middle, a gateway told to stop, a gateway killed.</summary>
public class SupervisionTests
{
    private const string Long = """{"model":"tiny-chat","prompt":"Once upon a time","max_tokens":900,"logit_bias":{"0":-100,"2":-100},"stream":true}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<RunningGateway> StartAsync(params string[] arguments)
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("reads /proc");
        var gateway = new RunningGateway();
        await gateway.StartAsync(arguments);
        return gateway;
    }

    private static string[] Bounded(int retries) =>
        ["--Gateway:EmbeddedModel=false", "--Gateway:Models:tiny-chat:Path=" + Shared.TinyChat, "--Gateway:Models:tiny-chat:Preload=true", "--Gateway:Models:tiny-chat:Timeouts:FirstToken=00:00:03", $"--Gateway:Models:tiny-chat:Retries={retries}"];

    private static Task<HttpResponseMessage> PlainAsync(HttpClient http) =>
        http.PostAsync("v1/completions", new StringContent("""{"model":"tiny-chat","prompt":"Once upon a time","n":8,"max_tokens":300,"logit_bias":{"0":-100,"2":-100}}""", Encoding.UTF8, "application/json"), Cancellation);

    // Until the worker says that it computes, and has come further than that; gives back how far.
    private static async Task<long> ComputesAsync(HttpClient http, long further = 0)
    {
        while (true)
        {
            using var upstreams = JsonDocument.Parse(await http.GetStringAsync("admin/v1/upstreams", Cancellation));
            if (upstreams.RootElement.GetProperty("data")[0].GetProperty("load") is not { ValueKind: JsonValueKind.Object } load) continue;
            if (load.GetProperty("running").GetInt32() > 0 && load.GetProperty("steps").GetInt64() is var steps && steps > further) return steps;
        }
    }

    // The call's own line, which is printed once it was answered.
    private static async Task<string> ReasonsAsync(RunningGateway gateway)
    {
        string? line;
        while ((line = gateway.Log.Split('\n').SingleOrDefault(line => line.Contains(": local ", StringComparison.Ordinal) && line.Contains(" after ", StringComparison.Ordinal))) is null) await Task.Yield();
        return string.Join(", ", line[(line.IndexOf(": local ", StringComparison.Ordinal) + 2)..].Split(", ").Select(attempt => attempt.Split(' ')[1]));
    }

    /// <summary>A stream whose first event has arrived.</summary>
    private static async Task<StreamReader> StreamAsync(HttpClient http, string body = Long)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        answer.EnsureSuccessStatusCode();
        var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation));
        (await reader.ReadLineAsync(Cancellation))!.ShouldStartWith("data: {");
        return reader;
    }

    [Fact]
    public async Task A_worker_killed_in_the_middle_of_a_stream_costs_that_stream_and_nothing_else()
    {
        await using var gateway = await StartAsync();
        using var http = new HttpClient { BaseAddress = gateway.Address };
        using var stream = await StreamAsync(http);

        await RunningGateway.SignalAsync("KILL", gateway.Workers().ShouldHaveSingleItem());

        var rest = await stream.ReadToEndAsync(Cancellation);
        rest.Split("data: {\"error\"").Length.ShouldBe(2, gateway.Log);
        rest.ShouldNotContain("[DONE]");
        using var next = await http.PostAsync("v1/completions", new StringContent("""{"model":"tiny-chat","prompt":"Hello","max_tokens":1}""", Encoding.UTF8, "application/json"), Cancellation);
        next.EnsureSuccessStatusCode();
    }

    [Theory]
    [InlineData(0, 504, "first_token_timeout")]
    [InlineData(1, 200, "first_token_timeout, ok")]
    public async Task A_worker_that_hangs_during_a_plain_call_is_started_again_and_the_call_made_again(int retries, int status, string recorded)
    {
        await using var gateway = await StartAsync(Bounded(retries));
        using var http = new HttpClient { BaseAddress = gateway.Address };
        var worker = gateway.Workers().ShouldHaveSingleItem();
        var call = PlainAsync(http);
        await ComputesAsync(http);

        await RunningGateway.SignalAsync("STOP", worker);

        using var answer = await call;
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        ((int)answer.StatusCode).ShouldBe(status, gateway.Log);
        answer.Headers.GetValues("x-gateway-attempts").ShouldBe([$"{retries + 1}"]);
        if (status == 504) text.ShouldContain("\"code\":\"upstream_timeout\"");
        gateway.Log.ShouldContain("it had work and did none of it");
        (await ReasonsAsync(gateway).WaitAsync(TimeSpan.FromSeconds(20), Cancellation)).ShouldBe(recorded);
        using var next = await http.PostAsync("v1/completions", new StringContent("""{"model":"tiny-chat","prompt":"Hello","max_tokens":1}""", Encoding.UTF8, "application/json"), Cancellation);
        next.EnsureSuccessStatusCode();
        gateway.Workers().ShouldHaveSingleItem().ShouldNotBe(worker);
    }

    [Fact]
    public async Task A_worker_that_is_slow_is_left_to_end_a_plain_call_that_takes_far_longer_than_a_step_may()
    {
        await using var gateway = await StartAsync(Bounded(retries: 0));
        using var http = new HttpClient { BaseAddress = gateway.Address, Timeout = TimeSpan.FromMinutes(5) };
        var worker = gateway.Workers().ShouldHaveSingleItem();
        var began = Stopwatch.GetTimestamp();
        var call = PlainAsync(http);
        using var pause = new PeriodicTimer(TimeSpan.FromSeconds(1));

        for (var (pauses, steps) = (0, 0L); pauses < 5; pauses++)
        {
            steps = await ComputesAsync(http, steps);
            await RunningGateway.SignalAsync("STOP", worker);
            await pause.WaitForNextTickAsync(Cancellation);
            await RunningGateway.SignalAsync("CONT", worker);
        }

        using var answer = await call;
        answer.EnsureSuccessStatusCode();
        Stopwatch.GetElapsedTime(began).ShouldBeGreaterThan(TimeSpan.FromSeconds(5));
        gateway.Workers().ShouldBe([worker]);
    }

    [Fact]
    public async Task Told_to_stop_the_gateway_finishes_running_streams_and_leaves_no_process()
    {
        await using var gateway = await StartAsync();
        using var http = new HttpClient { BaseAddress = gateway.Address };
        using var stream = await StreamAsync(http);
        var worker = gateway.Workers().ShouldHaveSingleItem();

        await RunningGateway.SignalAsync("TERM", gateway.Process.Id);

        (await stream.ReadToEndAsync(Cancellation)).ShouldEndWith("data: [DONE]\n\n");
        await gateway.Process.WaitForExitAsync(Cancellation);
        gateway.Process.ExitCode.ShouldBe(0);
        Directory.Exists($"/proc/{worker}").ShouldBeFalse();
    }

    [Fact]
    public async Task A_second_interrupt_does_not_wait()
    {
        await using var gateway = await StartAsync();
        using var http = new HttpClient { BaseAddress = gateway.Address };
        using var stream = await StreamAsync(http, """{"n":16,""" + Long[1..]);

        await RunningGateway.SignalAsync("INT", gateway.Process.Id);
        // Two signals at once are one to the kernel: the second follows when the first was acted on and the door is closed.
        using var knocking = new HttpClient { BaseAddress = gateway.Address, DefaultRequestHeaders = { ConnectionClose = true } };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromMinutes(1)); // a gateway that was started with the signal ignored would be knocked at for ever
        await Should.ThrowAsync<HttpRequestException>(async () =>
        {
            while (true) (await knocking.GetAsync("health/live", limit.Token)).Dispose();
        });
        await RunningGateway.SignalAsync("INT", gateway.Process.Id);

        await gateway.Process.WaitForExitAsync(Cancellation);
        gateway.Process.ExitCode.ShouldBe(130);
    }

    [Fact]
    public async Task A_killed_gateway_takes_its_workers_with_it()
    {
        await using var gateway = await StartAsync();
        using var worker = System.Diagnostics.Process.GetProcessById(gateway.Workers().ShouldHaveSingleItem());

        await RunningGateway.SignalAsync("KILL", gateway.Process.Id);

        await worker.WaitForExitAsync(Cancellation);
    }
}
