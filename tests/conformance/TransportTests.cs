using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Tests;

namespace Gateway.Conformance.Tests;

/// <summary>Transport and headers: behaviours 3 to 20.</summary>
public sealed class TransportTests(RunningGateway gateway) : IDisposable
{
    private readonly Wire wire = new(gateway.Address);

    public void Dispose() => wire.Dispose();

    [Fact, Trait("Behaviour", "3"), Trait("Behaviour", "4")]
    public async Task Every_answer_has_an_id_of_its_own_the_time_it_took_and_the_version()
    {
        var ids = new HashSet<string>();
        foreach (var (path, body) in ((string, string)[])
            [("v1/chat/completions", Wire.Chat(",\"max_tokens\":1")), ("v1/chat/completions", Wire.Chat(",\"max_tokens\":1,\"stream\":true")), ("v1/chat/completions", "{"), ("v1/nothing", "{}"), ("v1/tokenize", Wire.Prompt())])
        {
            using var response = await wire.PostAsync(path, body);
            ids.Add(response.Headers.GetValues("x-request-id").Single()).ShouldBeTrue();
            long.Parse(response.Headers.GetValues("openai-processing-ms").Single(), System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThanOrEqualTo(0);
            response.Headers.GetValues("openai-version").Single().ShouldBe("2020-10-01");
        }
    }

    [Fact, Trait("Behaviour", "5")]
    public async Task Organisation_project_beta_and_sdk_headers_change_nothing()
    {
        var plain = Wire.Text(await wire.AnswerAsync("v1/chat/completions", Wire.Chat(",\"max_tokens\":8")));
        foreach (var (name, value) in ((string, string)[])
            [("OpenAI-Organization", "org-1"), ("OpenAI-Project", "proj_1"), ("OpenAI-Beta", "assistants=v2"), ("x-stainless-lang", "js"), ("x-stainless-retry-count", "0"), ("x-codex-turn", "1")])
            wire.Http.DefaultRequestHeaders.Add(name, value);
        Wire.Text(await wire.AnswerAsync("v1/chat/completions", Wire.Chat(",\"max_tokens\":8"))).ShouldBe(plain);
    }

    [Theory, Trait("Behaviour", "6")]
    [InlineData("application/json", true, "text/event-stream")]
    [InlineData("text/event-stream", false, "application/json")]
    [InlineData("image/png", false, "application/json")]
    public async Task The_body_decides_whether_an_answer_streams(string accept, bool stream, string expected)
    {
        wire.Http.DefaultRequestHeaders.Accept.ParseAdd(accept);
        using var response = await wire.PostAsync("v1/chat/completions", Wire.Chat($",\"max_tokens\":2,\"stream\":{(stream ? "true" : "false")}"));
        response.Content.Headers.ContentType!.MediaType.ShouldBe(expected);
    }

    [Fact, Trait("Behaviour", "7")]
    public async Task Unknown_fields_are_ignored_and_named_and_null_is_absent()
    {
        using var response = await wire.PostAsync("v1/chat/completions", Wire.Chat(",\"max_tokens\":2,\"client_metadata\":{\"a\":1},\"vendor.option\":[],\"stop\":null,\"tools\":null,\"logit_bias\":null,\"n\":null"));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.GetValues("x-gateway-ignored-fields").ShouldBe(["client_metadata, vendor.option"]);
    }

    [Theory, Trait("Behaviour", "9")]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"model\":\"tiny-chat\",}")]
    [InlineData("null")]
    public async Task A_body_that_is_no_json_object_is_refused(string body) => await wire.RefusedAsync("v1/chat/completions", body);

    [Fact, Trait("Behaviour", "16")]
    public async Task A_body_over_the_limit_is_answered_and_the_next_call_works()
    {
        using var large = new ByteArrayContent(new byte[34 << 20]);
        large.Headers.ContentType = new("application/json");
        using var response = await wire.Http.PostAsync("v1/chat/completions", large, Wire.Cancellation);
        await Wire.ErrorAsync(response, HttpStatusCode.RequestEntityTooLarge);
        await wire.AnswerAsync("v1/chat/completions", Wire.Chat(",\"max_tokens\":1"));
    }

    [Fact, Trait("Behaviour", "18")]
    public async Task A_browser_may_ask_and_read_the_request_s_id()
    {
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "v1/chat/completions");
        preflight.Headers.Add("Origin", "https://example.org");
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        using var allowed = await wire.Http.SendAsync(preflight, Wire.Cancellation);
        allowed.IsSuccessStatusCode.ShouldBeTrue();
        allowed.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);

        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/models");
        request.Headers.Add("Origin", "https://example.org");
        using var answer = await wire.Http.SendAsync(request, Wire.Cancellation);
        string.Join(',', answer.Headers.GetValues("Access-Control-Expose-Headers")).ShouldContain("X-Request-ID");
    }

    [Fact, Trait("Behaviour", "20")]
    public async Task A_thousand_calls_one_after_another_share_one_connection()
    {
        var connections = 0;
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellation) =>
            {
                connections++;
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        };
        await using var alone = new RunningGateway(); // files are counted: of the other one, other tests open some, and start workers
        await alone.StartAsync();
        using var client = new HttpClient(handler) { BaseAddress = alone.Address };
        var before = OpenFiles(alone);
        for (var i = 0; i < 1000; i++)
        {
            using var response = await client.PostAsync("v1/tokenize", new StringContent("""{"model":"tiny-chat","prompt":"a"}""", Encoding.UTF8, "application/json"), Wire.Cancellation);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            await response.Content.ReadAsByteArrayAsync(Wire.Cancellation);
        }

        connections.ShouldBe(1);
        OpenFiles(alone).ShouldBeLessThan(before + 20, "open files of both processes");
    }

    // Of the gateway and its workers, without the assemblies, which are loaded when something needs them; 0 where there is no /proc.
    private static int OpenFiles(RunningGateway gateway) => !OperatingSystem.IsLinux() ? 0 : gateway.Workers().Append(gateway.Process.Id)
        .Sum(id => new DirectoryInfo($"/proc/{id}/fd").EnumerateFiles().Count(file => file.LinkTarget?.EndsWith(".dll", StringComparison.Ordinal) == false));

    [Fact]
    public async Task Texts_become_tokens_and_conversations_prompts()
    {
        using var tokens = await wire.PostAsync("v1/tokenize", """{"model":"tiny-chat","prompt":"Hello there"}""");
        var ids = JsonNode.Parse(await tokens.Content.ReadAsStringAsync(Wire.Cancellation))!["tokens"]!;
        using var text = await wire.PostAsync("v1/detokenize", $$"""{"model":"tiny-chat","tokens":{{ids.ToJsonString()}}}""");
        JsonNode.Parse(await text.Content.ReadAsStringAsync(Wire.Cancellation))!["prompt"]!.ToString().ShouldBe("Hello there");
        using var rendered = await wire.PostAsync("v1/chat/render", Wire.Chat());
        var prompt = JsonNode.Parse(await rendered.Content.ReadAsStringAsync(Wire.Cancellation))!;
        ((int)prompt["count"]!).ShouldBe((int)(await wire.AnswerAsync("v1/chat/completions", Wire.Chat(",\"max_tokens\":1")))["usage"]!["prompt_tokens"]!);
    }
}
