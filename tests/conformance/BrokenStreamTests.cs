using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Tests;

namespace Gateway.Conformance.Tests;

/// <summary>An error after the first chunk, behaviour 56: the worker is killed in the middle of an answer.</summary>
public sealed class BrokenStreamTests
{
    private const string Long = """{"model":"tiny-chat","messages":[{"role":"user","content":"Tell me a story."}],"max_tokens":900,"ignore_eos":true,"stream":true}""";

    private static async Task<RunningGateway> StartAsync()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("reads /proc");
        var gateway = new RunningGateway();
        await gateway.StartAsync();
        return gateway;
    }

    [Fact, Trait("Behaviour", "56")]
    public async Task A_stream_that_breaks_ends_with_one_error_event_and_neither_a_reason_nor_done()
    {
        await using var gateway = await StartAsync();
        using var wire = new Wire(gateway.Address);
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = new StringContent(Long, Encoding.UTF8, "application/json") };
        using var response = await wire.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Wire.Cancellation);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Wire.Cancellation));
        (await reader.ReadLineAsync(Wire.Cancellation))!.ShouldStartWith("data: {");
        await RunningGateway.SignalAsync("KILL", gateway.Workers().ShouldHaveSingleItem());

        var events = (await reader.ReadToEndAsync(Wire.Cancellation)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()).ToList();
        events.ShouldAllBe(line => line.StartsWith("data: {", StringComparison.Ordinal));
        var values = events.ConvertAll(line => JsonNode.Parse(line[6..])!);
        values[^1]["error"]!.AsObject().Select(entry => entry.Key).ShouldBe(["message", "type", "param", "code"], ignoreOrder: true);
        values[^1]["error"]!["type"]!.ToString().ShouldBe("server_error");
        values[..^1].ShouldAllBe(chunk => chunk["error"] == null && chunk["choices"]![0]!["finish_reason"] == null);
        await wire.AnswerAsync("v1/chat/completions", Wire.Chat(",\"max_tokens\":1"));
    }

    [Fact, Trait("Behaviour", "56")]
    public async Task The_npm_package_raises_an_error_for_it()
    {
        Node.Require("openai");
        await using var gateway = await StartAsync();
        var seen = await Node.RunAsync("broken.mjs", gateway.Address, gateway.Workers().ShouldHaveSingleItem().ToString(CultureInfo.InvariantCulture));

        ((int)seen["chunks"]!).ShouldBeGreaterThan(0);
        seen["error"]!.ToString().ShouldBe("APIError");
        seen["message"]!.ToString().ShouldNotBeEmpty();
    }
}
