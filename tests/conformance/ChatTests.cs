using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Tests;

namespace Gateway.Conformance.Tests;

/// <summary>Chat without streaming: behaviours 21 to 45.</summary>
public abstract class ChatSuite(RunningGateway gateway, string model) : IDisposable
{
    private const string Path = "v1/chat/completions";
    private readonly Wire wire = new(gateway.Address, model);

    public void Dispose()
    {
        wire.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact, Trait("Behaviour", "21"), Trait("Behaviour", "38")]
    public async Task A_minimal_request_has_the_contract_s_answer()
    {
        var answer = await wire.AnswerAsync(Path, Wire.Chat());
        var choice = answer["choices"]![0]!.AsObject();
        var message = choice["message"]!.AsObject();
        message.Select(entry => entry.Key).ShouldBe(["role", "content", "refusal", "annotations"]);
        message["refusal"].ShouldBeNull();
        choice.ContainsKey("logprobs").ShouldBeTrue();
        choice["logprobs"].ShouldBeNull();
        answer["id"]!.ToString().ShouldStartWith("chatcmpl-");
        answer["system_fingerprint"]!.ToString().ShouldStartWith("fp_");
        var usage = answer["usage"]!;
        ((int)usage["total_tokens"]!).ShouldBe((int)usage["prompt_tokens"]! + (int)usage["completion_tokens"]!);
        foreach (var name in (string[])["cached_tokens", "audio_tokens"]) ((int)usage["prompt_tokens_details"]![name]!).ShouldBeGreaterThanOrEqualTo(0);
        foreach (var name in (string[])["reasoning_tokens", "audio_tokens", "accepted_prediction_tokens", "rejected_prediction_tokens"]) ((int)usage["completion_tokens_details"]![name]!).ShouldBe(0);
    }

    [Theory, Trait("Behaviour", "22")]
    [InlineData("max_completion_tokens")]
    [InlineData("max_tokens")]
    public async Task A_token_limit_ends_the_answer_with_length(string name)
    {
        var answer = await wire.AnswerAsync(Path, Wire.Chat($",\"{name}\":2", "Tell me about the sea."));
        ((int)answer["usage"]!["completion_tokens"]!).ShouldBeLessThanOrEqualTo(2);
        answer["choices"]![0]!["finish_reason"]!.ToString().ShouldBe("length");
    }

    [Fact, Trait("Behaviour", "24")]
    public async Task A_prompt_over_the_context_is_refused_with_both_numbers()
    {
        var error = await wire.RefusedAsync(Path, Wire.Chat("", string.Concat(Enumerable.Repeat("many words ", 20_000))));
        error["code"]!.ToString().ShouldBe("context_length_exceeded");
        error["param"]!.ToString().ShouldBe("messages");
        System.Text.RegularExpressions.Regex.Count(error["message"]!.ToString(), "[0-9]+").ShouldBe(2);
    }

    [Fact, Trait("Behaviour", "25")]
    public async Task A_stop_text_ends_the_answer_and_is_not_part_of_it()
    {
        var whole = Wire.Text(await wire.AnswerAsync(Path, Wire.Chat()));
        var stop = whole[(whole.Length / 2)..(whole.Length / 2 + 3)];
        foreach (var form in (string[])[JsonValue.Create(stop).ToJsonString(), new JsonArray(stop, "zzzz").ToJsonString()])
        {
            var answer = await wire.AnswerAsync(Path, Wire.Chat($",\"stop\":{form}"));
            Wire.Text(answer).ShouldBe(whole[..whole.IndexOf(stop, StringComparison.Ordinal)]);
            answer["choices"]![0]!["finish_reason"]!.ToString().ShouldBe("stop");
        }

        (await wire.RefusedAsync(Path, Wire.Chat(",\"stop\":[\"1\",\"2\",\"3\",\"4\",\"5\"]")))["param"]!.ToString().ShouldBe("stop");
    }

    [Fact, Trait("Behaviour", "26")]
    public async Task Several_choices_are_numbered_and_their_tokens_summed()
    {
        var answer = await wire.AnswerAsync(Path, Wire.Chat(",\"n\":3,\"max_tokens\":4", "Tell me about the sea."));
        answer["choices"]!.AsArray().Select(choice => (int)choice!["index"]!).ShouldBe([0, 1, 2]);
        ((int)answer["usage"]!["completion_tokens"]!).ShouldBe(12);
        foreach (var n in (int[])[0, 129]) (await wire.RefusedAsync(Path, Wire.Chat($",\"n\":{n}")))["param"]!.ToString().ShouldBe("n");
    }

    [Fact, Trait("Behaviour", "27")]
    public async Task A_seed_decides_the_answer_whatever_else_is_being_answered()
    {
        string Ask(int seed) => Wire.Chat($",\"temperature\":1,\"seed\":{seed},\"max_tokens\":24", "Tell me a story.");
        var alone = Wire.Text(await wire.AnswerAsync(Path, Ask(7)));
        var together = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => wire.AnswerAsync(Path, Ask(i == 3 ? 7 : 100 + i))));

        Wire.Text(together[3]).ShouldBe(alone);
        together.Select(answer => Wire.Text(answer)).Distinct().Count().ShouldBeGreaterThan(4);
    }

    [Theory, Trait("Behaviour", "28")]
    [InlineData("temperature", "2.1", "decimal_above_max_value")]
    [InlineData("temperature", "-0.1", "decimal_below_min_value")]
    [InlineData("top_p", "1.1", "decimal_above_max_value")]
    [InlineData("presence_penalty", "2.1", "decimal_above_max_value")]
    [InlineData("frequency_penalty", "-2.1", "decimal_below_min_value")]
    [InlineData("top_logprobs", "21", "integer_above_max_value")]
    public async Task A_number_out_of_range_is_refused_by_name_and_side(string name, string value, string code)
    {
        var error = await wire.RefusedAsync(Path, $$"""{"model":"tiny-chat","messages":[{"role":"user","content":"a"}],"logprobs":true,"{{name}}":{{value}}}""");
        error["param"]!.ToString().ShouldBe(name);
        error["code"]!.ToString().ShouldBe(code);
    }

    [Fact, Trait("Behaviour", "29")]
    public async Task Log_probabilities_rebuild_the_content_and_are_sorted()
    {
        var answer = await wire.AnswerAsync(Path, Wire.Chat(",\"max_tokens\":24,\"logprobs\":true,\"top_logprobs\":5", "Say: ü🙂"));
        var tokens = answer["choices"]![0]!["logprobs"]!["content"]!.AsArray();
        Encoding.UTF8.GetString([.. tokens.SelectMany(token => token!["bytes"]!.AsArray()).Select(b => (byte)(int)b!)]).ShouldBe(Wire.Text(answer));
        foreach (var token in tokens)
        {
            ((double)token!["logprob"]!).ShouldBeLessThanOrEqualTo(0);
            var top = token["top_logprobs"]!.AsArray().Select(one => (double)one!["logprob"]!).ToList();
            top.Count.ShouldBe(5);
            top.ShouldBe(top.OrderByDescending(one => one));
        }
    }

    [Fact, Trait("Behaviour", "32")]
    public async Task A_bias_forces_bans_and_is_refused_where_it_names_nothing()
    {
        var forced = await wire.AnswerAsync(Path, Wire.Chat(",\"logit_bias\":{\"700\":100},\"max_tokens\":3,\"return_token_ids\":true"));
        forced["choices"]![0]!["token_ids"]!.ToJsonString().ShouldBe("[700,700,700]");
        var free = await wire.AnswerAsync(Path, Wire.Chat(",\"max_tokens\":1,\"return_token_ids\":true"));
        var first = (int)free["choices"]![0]!["token_ids"]![0]!;
        var banned = await wire.AnswerAsync(Path, Wire.Chat($",\"max_tokens\":1,\"return_token_ids\":true,\"logit_bias\":{{\"{first}\":-100}}"));
        ((int)banned["choices"]![0]!["token_ids"]![0]!).ShouldNotBe(first);
        foreach (var bias in (string[])["{\"x\":1}", "{\"999999\":1}", "{\"1\":101}"])
            (await wire.RefusedAsync(Path, Wire.Chat($",\"logit_bias\":{bias}")))["param"]!.ToString().ShouldStartWith("logit_bias");
    }

    [Fact, Trait("Behaviour", "33")]
    public async Task Developer_and_system_and_text_and_parts_give_one_prompt()
    {
        var prompts = new HashSet<string>();
        foreach (var role in (string[])["system", "developer"])
        {
            foreach (var content in (string[])["\"Be brief.\"", "[{\"type\":\"text\",\"text\":\"Be \"},{\"type\":\"text\",\"text\":\"brief.\"}]"])
            {
                using var response = await wire.PostAsync("v1/chat/render", $$"""{"model":"tiny-chat","messages":[{"role":"{{role}}","content":{{content}}},{"role":"user","content":"hi"}]}""");
                prompts.Add(JsonNode.Parse(await response.Content.ReadAsStringAsync(Wire.Cancellation))!["prompt"]!.ToString());
            }
        }

        prompts.Count.ShouldBe(1);
    }

    [Theory, Trait("Behaviour", "36")]
    [InlineData("[{\"role\":\"wizard\",\"content\":\"a\"}]", "messages[0].role")]
    [InlineData("[{\"role\":\"user\"}]", "messages[0].content")]
    [InlineData("[]", "messages")]
    [InlineData("\"hi\"", "messages")]
    [InlineData("[1]", "messages[0]")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AA==\"}}]}]", "messages[0].content[0].type")]
    [Trait("Behaviour", "40")]
    public async Task Messages_of_a_wrong_shape_are_refused_by_path(string messages, string param) =>
        (await wire.RefusedAsync(Path, $$"""{"model":"tiny-chat","messages":{{messages}}}"""))["param"]!.ToString().ShouldBe(param);

    [Fact, Trait("Behaviour", "34")]
    public async Task A_conversation_with_a_call_and_its_result_as_text_or_parts_goes_on()
    {
        var prompts = new HashSet<string>();
        foreach (var (called, result) in ((string, string)[])[("null", "\"18 degrees\""), ("null", "[{\"type\":\"text\",\"text\":\"18 \"},{\"type\":\"text\",\"text\":\"degrees\"}]"), ("\"\"", "\"18 degrees\"")])
        {
            var body = $$$"""{"model":"tiny-chat","max_tokens":2,"messages":[{"role":"user","content":"How warm is it?"},{"role":"assistant","content":{{{called}}},"tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_1","content":{{{result}}}}]}""";
            await wire.AnswerAsync(Path, body);
            using var rendered = await wire.PostAsync("v1/chat/render", body);
            prompts.Add(JsonNode.Parse(await rendered.Content.ReadAsStringAsync(Wire.Cancellation))!["prompt"]!.ToString());
        }

        prompts.ShouldHaveSingleItem().ShouldContain("18 degrees");
    }

    [Theory, Trait("Behaviour", "35")]
    [InlineData("{\"role\":\"tool\",\"tool_call_id\":\"call_1\",\"content\":\"x\"}", "messages.[1].role")]
    [InlineData("{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},{\"role\":\"user\",\"content\":\"x\"}", "messages.[2].role")]
    [InlineData("{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"call_2\",\"content\":\"x\"}", "messages.[2].role")]
    public async Task A_result_without_its_call_and_a_call_without_its_result_are_refused(string messages, string param) =>
        (await wire.RefusedAsync(Path, $$"""{"model":"tiny-chat","messages":[{"role":"user","content":"a"},{{messages}}]}"""))["param"]!.ToString().ShouldBe(param);

    [Fact, Trait("Behaviour", "37")]
    public async Task An_unknown_model_is_not_found_and_a_missing_one_is_asked_for()
    {
        (await wire.RefusedAsync(Path, """{"model":"another","messages":[]}""", HttpStatusCode.NotFound))["code"]!.ToString().ShouldBe("model_not_found");
        await wire.RefusedAsync(Path, """{"messages":[{"role":"user","content":"a"}]}""");
    }

    [Theory, Trait("Behaviour", "41"), Trait("Behaviour", "45")]
    [InlineData(",\"reasoning_effort\":\"low\"")]
    [InlineData(",\"prediction\":{\"type\":\"content\",\"content\":\"cold\"}")]
    [InlineData(",\"verbosity\":\"low\",\"user\":\"a\",\"safety_identifier\":\"b\"")]
    public async Task Hints_and_names_are_accepted_and_change_nothing(string extra) =>
        Wire.Text(await wire.AnswerAsync(Path, Wire.Chat(extra + ",\"max_tokens\":6"))).ShouldBe(Wire.Text(await wire.AnswerAsync(Path, Wire.Chat(",\"max_tokens\":6"))));

    [Fact, Trait("Behaviour", "45")]
    public async Task The_service_tier_comes_back() => (await wire.AnswerAsync(Path, Wire.Chat(",\"max_tokens\":1,\"service_tier\":\"flex\"")))["service_tier"]!.ToString().ShouldBe("flex");

    [Fact, Trait("Behaviour", "44")]
    public async Task Metadata_is_bounded()
    {
        var pairs = string.Join(',', Enumerable.Range(0, 17).Select(i => $"\"{i}\":\"a\""));
        foreach (var metadata in (string[])[$"{{{pairs}}}", $"{{\"{new string('k', 65)}\":\"a\"}}", $"{{\"k\":\"{new string('v', 513)}\"}}", "{\"k\":1}"])
            (await wire.RefusedAsync(Path, Wire.Chat($",\"metadata\":{metadata}")))["param"]!.ToString().ShouldStartWith("metadata");
    }
}

/// <summary>With the embedded model.</summary>
public sealed class ChatTests(RunningGateway gateway) : ChatSuite(gateway, Wire.Tiny);

/// <summary>With SmolLM2.</summary>
public sealed class SmolChatTests(RunningGateway gateway) : ChatSuite(gateway, Wire.Smol);
