using System.Text;

namespace Gateway.EndToEnd.Tests;

/// <summary>What happens to real processes: a worker killed in the middle, a gateway told to stop, a gateway killed.</summary>
public class SupervisionTests
{
    private const string Long = """{"model":"tiny-chat","prompt":"Once upon a time","max_tokens":900,"logit_bias":{"0":-100,"2":-100},"stream":true}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<RunningGateway> StartAsync()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("reads /proc");
        var gateway = new RunningGateway();
        await gateway.StartAsync();
        return gateway;
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
