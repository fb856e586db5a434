using System.Net;
using System.Net.Sockets;

namespace Gateway.EndToEnd.Tests;

/// <summary>How the program starts, or says in a line why it does not, and what a hangup is to it.</summary>
public class StartTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("The address cannot be used: 'http://127.0.0.1:99999' is none; http://HOST:PORT is expected", 1, "--urls", "http://127.0.0.1:99999")]
    [InlineData("The address cannot be used: 'zzz' is none; http://HOST:PORT is expected", 1, "--urls", "zzz")]
    [InlineData("The address cannot be used: http://192.0.2.1:7: Cannot assign requested address", 1, "--urls", "http://192.0.2.1:7", "--Gateway:AllowAnonymous=true")]
    [InlineData("The configuration cannot be used:\n'--nope' is not an option", 2, "--nope")]
    [InlineData("The configuration cannot be used:\nGateway:Limits:TokensReservedByDefault must be from 0 to 1000000", 2, "--Gateway:Limits:TokensReservedByDefault=-3")]
    public async Task What_cannot_be_is_said_in_a_line_and_by_the_exit_code(string said, int code, params string[] arguments)
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("the system's words are Linux's");

        (await GatewayProcess.EndAsync(arguments)).ShouldBe((code, said + "\n"));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_in_a_line_although_a_model_was_to_be_loaded()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var address = $"http://{other.LocalEndpoint}";

        (await GatewayProcess.EndAsync("--urls", address)).ShouldBe((1, $"The address cannot be used: Failed to bind to address {address}: address already in use.{Environment.NewLine}"));
    }

    [Fact]
    public async Task A_port_of_administration_that_is_the_publics_is_said_by_its_setting()
    {
        var (code, output) = await GatewayProcess.EndAsync("--urls", "http://127.0.0.1:7", "--Gateway:AdminUrls=http://127.0.0.1:7");

        code.ShouldBe(2);
        output.TrimEnd().Split('\n').Length.ShouldBe(2);
        output.ShouldContain("Gateway:AdminUrls: 'http://127.0.0.1:7' has a port of the public addresses");
    }

    [Fact]
    public async Task A_file_that_is_not_UTF_8_is_said_in_a_line()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("latin.json");
        await File.WriteAllBytesAsync(file, [.. "{ \"Gateway\": { \"AdminKey\": \""u8, 0xE9, .. "\" } }"u8], Cancellation);

        (await GatewayProcess.EndAsync("--config", file)).ShouldBe((2, $"The configuration cannot be used:{Environment.NewLine}{file}: it is not UTF-8 (line 1); save it as UTF-8.{Environment.NewLine}"));
    }

    [Fact]
    public async Task Its_version_is_printed_and_nothing_is_served() => (await GatewayProcess.EndAsync("--version")).ShouldBe((0, "gateway 0.1.0" + Environment.NewLine));

    [Fact]
    public async Task A_hangup_has_the_settings_read_anew_and_streams_run_on()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("has no hangup");
        await using var gateway = await GatewayProcess.StartAsync();
        using var http = new HttpClient { BaseAddress = gateway.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/completions") { Content = new StringContent("""{"model":"tiny-chat","prompt":"Once upon a time","max_tokens":900,"logit_bias":{"0":-100,"2":-100},"stream":true}""", null, "application/json") };
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var stream = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation));
        (await stream.ReadLineAsync(Cancellation))!.ShouldStartWith("data: {");

        await gateway.SignalAsync("HUP");

        (await stream.ReadToEndAsync(Cancellation)).ShouldEndWith("data: [DONE]\n\n");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (!gateway.Log.Contains("The settings are read anew", StringComparison.Ordinal)) (await http.GetAsync("health/live", limit.Token)).Dispose();
        gateway.Process.HasExited.ShouldBeFalse();
    }
}
