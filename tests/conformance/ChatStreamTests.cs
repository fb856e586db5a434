using System.Text;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Tests;

namespace Gateway.Conformance.Tests;

/// <summary>Chat in streams: behaviours 46 to 60.</summary>
public abstract class ChatStreamSuite(RunningGateway gateway, string model) : IDisposable
{
    private const string Path = "v1/chat/completions";
    private readonly Wire wire = new(gateway.Address, model);

    public void Dispose()
    {
        wire.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact, Trait("Behaviour", "46"), Trait("Behaviour", "47")]
    public async Task A_stream_is_framed_as_the_live_service_frames_it()
    {
        var plain = await wire.AnswerAsync(Path, Wire.Chat());
        var chunks = await wire.ChunksAsync(Path, Wire.Chat(",\"stream\":true"));

        chunks[0]["choices"]![0]!["delta"]!.ToJsonString().ShouldBe("""{"role":"assistant","content":"","refusal":null}""");
        chunks[1..].ShouldAllBe(chunk => chunk["choices"]![0]!["delta"]!["role"] == null);
        chunks[^1]["choices"]![0]!["delta"]!.ToJsonString().ShouldBe("{}");
        chunks[^1]["choices"]![0]!["finish_reason"]!.ToString().ShouldBe(plain["choices"]![0]!["finish_reason"]!.ToString());
        chunks[..^1].ShouldAllBe(chunk => chunk["choices"]![0]!["finish_reason"] == null);
        foreach (var name in (string[])["id", "created", "model", "system_fingerprint", "object"]) chunks.Select(chunk => chunk[name]!.ToJsonString()).Distinct().Count().ShouldBe(1);
        Wire.Text(chunks).ShouldBe(Wire.Text(plain));
        chunks[0]["system_fingerprint"]!.ToString().ShouldBe(plain["system_fingerprint"]!.ToString());
    }

    [Fact, Trait("Behaviour", "48")]
    public async Task Usage_comes_in_a_last_chunk_of_its_own_when_asked_for()
    {
        var usage = (await wire.AnswerAsync(Path, Wire.Chat()))["usage"]!;
        var chunks = await wire.ChunksAsync(Path, Wire.Chat(",\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
        chunks[^1]["choices"]!.AsArray().Count.ShouldBe(0);
        ((int)chunks[^1]["usage"]!["total_tokens"]!).ShouldBe((int)usage["total_tokens"]!);
        chunks[..^1].ShouldAllBe(chunk => chunk.AsObject().ContainsKey("usage") && chunk["usage"] == null);
        (await wire.ChunksAsync(Path, Wire.Chat(",\"stream\":true"))).ShouldAllBe(chunk => !chunk.AsObject().ContainsKey("usage"));
    }

    [Fact, Trait("Behaviour", "49")]
    public async Task Stream_options_without_a_stream_are_refused() =>
        (await wire.RefusedAsync(Path, Wire.Chat(",\"stream\":false,\"stream_options\":{\"include_usage\":true}")))["param"]!.ToString().ShouldBe("stream_options");

    [Fact, Trait("Behaviour", "29")]
    public async Task Log_probabilities_come_with_their_chunks()
    {
        var chunks = await wire.ChunksAsync(Path, Wire.Chat(",\"stream\":true,\"logprobs\":true,\"top_logprobs\":2"));
        chunks[0]["choices"]![0]!["logprobs"]!.ToJsonString().ShouldBe("""{"content":[],"refusal":null}""");
        var plain = await wire.AnswerAsync(Path, Wire.Chat(",\"logprobs\":true,\"top_logprobs\":2"));
        chunks.SelectMany(chunk => chunk["choices"]![0]!["logprobs"]?["content"]!.AsArray() ?? []).Select(token => token!["token"]!.ToString())
            .ShouldBe(plain["choices"]![0]!["logprobs"]!["content"]!.AsArray().Select(token => token!["token"]!.ToString()));
    }

    [Fact, Trait("Behaviour", "29")]
    public async Task Bytes_of_tokens_that_are_parts_of_characters_rebuild_the_text_in_a_stream()
    {
        var chunks = await wire.ChunksAsync(Path, Wire.Chat(",\"stream\":true,\"logprobs\":true,\"top_logprobs\":20,\"max_tokens\":60,\"guided_regex\":\"[é🙂日ẞ]{8}\""));
        var tokens = chunks.SelectMany(chunk => chunk["choices"]![0]!["logprobs"]?["content"]!.AsArray() ?? []).ToList();
        var text = Wire.Text(chunks);
        text.EnumerateRunes().Count().ShouldBe(8);
        tokens.Count.ShouldBeGreaterThan(8); // characters of several tokens
        Encoding.UTF8.GetString([.. tokens.SelectMany(token => token!["bytes"]!.AsArray()).Select(b => (byte)(int)b!)]).ShouldBe(text);
        foreach (var token in tokens)
        {
            var top = token!["top_logprobs"]!.AsArray().Select(one => (double)one!["logprob"]!).ToList();
            top.ShouldBe(top.OrderByDescending(one => one));
            top.Count.ShouldBe(20);
        }
    }

    [Fact, Trait("Behaviour", "53")]
    public async Task A_stop_text_over_several_chunks_leaks_none_of_itself()
    {
        var whole = Wire.Text(await wire.AnswerAsync(Path, Wire.Chat(",\"max_tokens\":16", "Tell me about the sea.")));
        for (var at = 1; at + 9 < whole.Length; at += 7)
        {
            var stop = whole.Substring(at, 9);
            var chunks = await wire.ChunksAsync(Path, Wire.Chat($",\"max_tokens\":16,\"stream\":true,\"stop\":{JsonValue.Create(stop).ToJsonString()}", "Tell me about the sea."));
            Wire.Text(chunks).ShouldBe(whole[..whole.IndexOf(stop, StringComparison.Ordinal)]);
            chunks[^1]["choices"]![0]!["finish_reason"]!.ToString().ShouldBe("stop");
        }
    }

    [Fact, Trait("Behaviour", "55")]
    public async Task Chunks_leave_the_gateway_while_later_ones_are_still_made()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path)
        {
            Content = new StringContent(Wire.Chat(",\"stream\":true,\"max_tokens\":100,\"ignore_eos\":true"), Encoding.UTF8, "application/json"),
        };
        using var response = await wire.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Wire.Cancellation);
        await using var body = await response.Content.ReadAsStreamAsync(Wire.Cancellation);
        var buffer = new byte[1 << 20];
        var reads = 0;
        while (await body.ReadAsync(buffer, Wire.Cancellation) > 0) reads++;

        reads.ShouldBeGreaterThan(10);
    }

    [Fact, Trait("Behaviour", "58")]
    public async Task Padding_is_accepted_and_sent_only_when_asked_for()
    {
        (await wire.ChunksAsync(Path, Wire.Chat(",\"stream\":true,\"stream_options\":{\"include_obfuscation\":false}"))).ShouldAllBe(chunk => chunk["obfuscation"] == null);
        (await wire.ChunksAsync(Path, Wire.Chat(",\"stream\":true,\"stream_options\":{\"include_obfuscation\":true}"))).ShouldAllBe(chunk => chunk["obfuscation"] != null);
    }

    [Fact, Trait("Behaviour", "60")]
    public async Task Fifty_streams_at_once_finish_and_none_is_mixed_up()
    {
        string Ask(int i) => Wire.Chat(",\"max_tokens\":12", $"What is {i} + {i}?");
        var together = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => wire.ChunksAsync(Path, Ask(i)[..^1] + ",\"stream\":true}")));
        together.Select(chunks => chunks[0]["id"]!.ToString()).Distinct().Count().ShouldBe(50);
        foreach (var i in (int[])[0, 7, 23, 49]) Wire.Text(together[i]).ShouldBe(Wire.Text(await wire.AnswerAsync(Path, Ask(i))));
    }
}

/// <summary>With the embedded model.</summary>
public sealed class ChatStreamTests(RunningGateway gateway) : ChatStreamSuite(gateway, Wire.Tiny);

/// <summary>With SmolLM2.</summary>
public sealed class SmolChatStreamTests(RunningGateway gateway) : ChatStreamSuite(gateway, Wire.Smol);
