namespace Gateway.EndToEnd.Tests;

/// <summary>The <c>openai</c> npm package, unmodified, against the real gateway.</summary>
public class NodeClientTests(RunningGateway gateway)
{
    [Fact]
    public async Task The_npm_package_chats_streams_and_reads_errors()
    {
        var seen = await Node.RunAsync("client.mjs", gateway.Address);

        ((string?)seen["plain"]).ShouldBe((string?)seen["streamed"]);
        ((string?)seen["plain"])!.ShouldContain("Paris");
        ((int)seen["usage"]!["total_tokens"]!).ShouldBeGreaterThan(0);
        ((int)seen["choices"]!).ShouldBe(3);
        ((string?)seen["completion"])!.Length.ShouldBeGreaterThan(0);
        ((int)seen["notFound"]!["status"]!).ShouldBe(404);
        ((string?)seen["notFound"]!["code"]).ShouldBe("model_not_found");
        ((string?)seen["notFound"]!["requestID"])!.ShouldNotBeNullOrEmpty();
        ((string?)seen["badRequest"]!["param"]).ShouldBe("temperature");
        seen["models"]!.AsArray().Select(model => (string?)model).ShouldContain("tiny-chat");
    }
}
