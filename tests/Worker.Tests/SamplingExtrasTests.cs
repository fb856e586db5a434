using System.Text.Json.Nodes;

namespace Gateway.Worker.Tests;

/// <summary>What local users add to OpenAI's fields, over the real engine and a network that counts upwards.</summary>
public sealed class SamplingExtrasTests : IAsyncLifetime
{
    private Surface surface = null!;

    public async ValueTask InitializeAsync() => surface = await Surface.WithEngineAsync();

    public ValueTask DisposeAsync() => surface.DisposeAsync();

    [Fact]
    public async Task Stop_token_ids_end_an_answer_and_min_tokens_hold_them_back()
    {
        (await Ids(",\"stop_token_ids\":[404]")).ShouldBe([401, 402, 403, 404]);
        var held = await Ids(",\"stop_token_ids\":[404],\"min_tokens\":6");
        held.Count.ShouldBeGreaterThan(6);
        held.ShouldNotContain(404);
    }

    [Fact]
    public async Task The_model_s_own_end_is_ignored_when_asked()
    {
        (await Ids("", prompt: "[1]")).ShouldBe([2]);
        (await Ids(",\"ignore_eos\":true", prompt: "[1]")).ShouldBe([2, 3, 4, 5, 6, 7, 8, 9]);
    }

    [Fact]
    public async Task Token_ids_come_with_prompt_and_answer_and_in_streams_once_each()
    {
        var events = await surface.EventsAsync("/v1/completions", Body(",\"return_token_ids\":true,\"stream\":true"));
        var choices = events[..^1].Select(line => JsonNode.Parse(line)!["choices"]![0]!).ToList();
        choices.SelectMany(choice => choice["token_ids"]!.AsArray()).Select(id => (int)id!).ShouldBe(Enumerable.Range(401, 8));
        choices.Count(choice => choice["prompt_token_ids"] is not null).ShouldBe(1);

        var chat = await surface.EventsAsync("/v1/chat/completions", Surface.Chat(",\"return_token_ids\":true,\"stream\":true,\"max_tokens\":5,\"temperature\":0"));
        var chunks = chat[..^1].Select(line => JsonNode.Parse(line)!).ToList();
        chunks.SelectMany(chunk => chunk["choices"]![0]!["token_ids"]?.AsArray() ?? []).Count().ShouldBeInRange(1, 6);
        chunks.Count(chunk => chunk["prompt_token_ids"] is not null).ShouldBe(1);
    }

    [Fact]
    public async Task No_repeat_ngrams_and_bad_words_are_kept_out()
    {
        (await Ids(",\"no_repeat_ngram_size\":1", prompt: "[402,400]")).ShouldNotContain(402);
        var word = surface.Model.Tokenizer.Decode([401], skipSpecialTokens: true);
        var answer = await surface.AnswerAsync("/v1/completions", Body($",\"bad_words\":[{JsonValue.Create(word)!.ToJsonString()}]"));
        answer["choices"]![0]!["text"]!.ToString().ShouldNotStartWith(word);
    }

    [Fact]
    public async Task A_beam_search_follows_the_likeliest_and_returns_what_n_asks()
    {
        var answer = await surface.AnswerAsync("/v1/completions", Body(",\"use_beam_search\":true,\"best_of\":4,\"n\":2,\"return_token_ids\":true,\"logprobs\":1"));
        var choices = answer["choices"]!.AsArray();
        choices.Count.ShouldBe(2);
        choices[0]!["token_ids"]!.AsArray().Select(id => (int)id!).ShouldBe(Enumerable.Range(401, 8));
        choices[1]!["token_ids"]!.ToJsonString().ShouldNotBe(choices[0]!["token_ids"]!.ToJsonString());
    }

    [Theory]
    [InlineData(",\"use_beam_search\":true,\"stream\":true", "use_beam_search")]
    [InlineData(",\"use_beam_search\":true,\"presence_penalty\":1", "presence_penalty")]
    [InlineData(",\"use_beam_search\":true,\"n\":21", "n")]
    [InlineData(",\"length_penalty\":2", "length_penalty")]
    [InlineData(",\"early_stopping\":\"later\"", "early_stopping")]
    [InlineData(",\"min_tokens\":9", "min_tokens")]
    [InlineData(",\"typical_p\":0", "typical_p")]
    [InlineData(",\"bad_words\":[\"\"]", "bad_words[0]")]
    [InlineData(",\"no_repeat_ngram_size\":-1", "no_repeat_ngram_size")]
    [InlineData(",\"stop_token_ids\":[3072]", "stop_token_ids[0]")]
    [InlineData(",\"suffix\":\"x\",\"echo\":true", "echo")]
    [InlineData(",\"best_of\":21", "best_of")]
    public async Task What_cannot_be_is_refused_by_name(string extra, string param) =>
        (await surface.RefusedAsync("/v1/completions", Body(extra)))["param"]!.ToString().ShouldBe(param);

    [Fact]
    public async Task Fields_that_the_contract_does_not_know_are_accepted_and_named()
    {
        using var plain = await surface.PostAsync("/v1/chat/completions", Surface.Chat(",\"max_tokens\":1,\"top_k\":5"));
        plain.Headers.Contains("x-gateway-ignored-fields").ShouldBeFalse();
        using var extra = await surface.PostAsync("/v1/chat/completions", Surface.Chat(",\"max_tokens\":1,\"client_metadata\":{\"a\":1},\"tempratur\\r\\ne\":1,\"nothing\":null"));
        extra.Headers.GetValues("x-gateway-ignored-fields").ShouldBe(["client_metadata, tempratur%0D%0Ae"]);
        var many = string.Concat(Enumerable.Range(0, 200).Select(i => $",\"{new string('ü', 300)}{i}\":1"));
        using var bounded = await surface.PostAsync("/v1/chat/completions", Surface.Chat(",\"max_tokens\":1" + many));
        bounded.Headers.GetValues("x-gateway-ignored-fields").Single().Length.ShouldBeLessThan(1500);
    }

    [Fact]
    public async Task The_last_message_can_be_continued()
    {
        const string Messages = ",\"max_tokens\":1,\"return_token_ids\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":\"Well, I\"}]";
        var open = await surface.AnswerAsync("/v1/chat/completions", Surface.Chat(Messages + ",\"continue_final_message\":true"));
        Prompt(open).ShouldEndWith("Well, I");
        Prompt(await surface.AnswerAsync("/v1/chat/completions", Surface.Chat(Messages))).ShouldNotEndWith("Well, I");
        var closed = await surface.AnswerAsync("/v1/chat/completions", Surface.Chat(",\"max_tokens\":1,\"return_token_ids\":true,\"add_generation_prompt\":false"));
        Prompt(closed).ShouldNotContain("assistant");
        (await surface.RefusedAsync("/v1/chat/completions", Surface.Chat(",\"continue_final_message\":true,\"add_generation_prompt\":true")))["param"]!.ToString()
            .ShouldBe("continue_final_message");

        string Prompt(JsonNode answer) => surface.Model.Tokenizer.Decode([.. answer["prompt_token_ids"]!.AsArray().Select(id => (int)id!)], skipSpecialTokens: false);
    }

    [Fact]
    public async Task Padding_is_sent_only_when_asked_for()
    {
        const string Stream = ",\"stream\":true,\"stream_options\":{\"include_obfuscation\":";
        (await surface.EventsAsync("/v1/completions", Body(Stream + "true}"))).SkipLast(1).ShouldAllBe(line => line.Contains("\"obfuscation\":\""));
        (await surface.EventsAsync("/v1/completions", Body(Stream + "false}"))).ShouldAllBe(line => !line.Contains("obfuscation"));
    }

    [Fact]
    public async Task A_gap_is_filled_between_prompt_and_suffix_by_the_family_s_tokens()
    {
        var tokenizer = surface.Model.Tokenizer;
        var answer = await surface.AnswerAsync("/v1/completions", Body(",\"suffix\":\" the end<|fim_middle|>\",\"return_token_ids\":true", "\"In the beginning\""));
        answer["choices"]![0]!["prompt_token_ids"]!.AsArray().Select(id => (int)id!).ShouldBe(
            [3, .. tokenizer.Encode("In the beginning"), 4, .. tokenizer.Encode(" the end<|fim_middle|>", addSpecialTokens: false, parseSpecialTokens: false), 5]);
        answer["choices"]![0]!["text"]!.ToString().ShouldNotContain("In the beginning");
    }

    [Fact]
    public async Task A_model_without_such_tokens_says_that_it_cannot_fill_a_gap()
    {
        await using var other = await Surface.StartAsync(_ => new ScriptedBackend([300, 2]), path: Shared.Golden("models", "gpt2"));
        var error = await other.RefusedAsync("/v1/completions", """{"model":"tiny-chat","prompt":"a","suffix":"b"}""");
        error["param"]!.ToString().ShouldBe("suffix");
        error["code"]!.ToString().ShouldBe("unsupported_parameter");
    }

    private static string Body(string extra, string prompt = "[400]") => $$"""{"model":"tiny-chat","prompt":{{prompt}},"max_tokens":8,"temperature":0{{extra}}}""";

    private async Task<List<int>> Ids(string extra, string prompt = "[400]") =>
        [.. (await surface.AnswerAsync("/v1/completions", Body(extra + ",\"return_token_ids\":true", prompt)))["choices"]![0]!["token_ids"]!.AsArray().Select(id => (int)id!)];
}
