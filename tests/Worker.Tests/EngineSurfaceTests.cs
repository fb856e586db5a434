using System.Text.Json.Nodes;

namespace Gateway.Worker.Tests;

/// <summary>HTTP over the real engine: batching, cache, sampler.</summary>
public class EngineSurfaceTests
{
    [Fact]
    public async Task Fifty_streams_at_once_finish_and_none_is_mixed_up()
    {
        await using var surface = await Surface.WithEngineAsync();
        var firsts = Enumerable.Range(0, 50).Select(i => 300 + (40 * i)).ToList();

        var texts = await Task.WhenAll(firsts.Select(async first =>
        {
            var events = await surface.EventsAsync("/v1/completions", $$"""{"model":"tiny-chat","prompt":[{{first}}],"max_tokens":20,"temperature":0,"stream":true}""");
            events[^1].ShouldBe("[DONE]");
            return string.Concat(events[..^1].Select(line => (string?)JsonNode.Parse(line)!["choices"]![0]!["text"]));
        }));

        for (var i = 0; i < firsts.Count; i++)
            texts[i].ShouldBe(surface.Model.Tokenizer.Decode([.. Enumerable.Range(firsts[i] + 1, 20)], skipSpecialTokens: true));
    }

    [Fact]
    public async Task The_second_call_of_a_prompt_reports_cached_tokens()
    {
        await using var surface = await Surface.WithEngineAsync();
        var body = $$"""{"model":"tiny-chat","prompt":[{{string.Join(',', Enumerable.Range(500, 30))}}],"max_tokens":2,"temperature":0}""";

        var first = await surface.AnswerAsync("/v1/completions", body);
        var second = await surface.AnswerAsync("/v1/completions", body);

        ((int)first["usage"]!["prompt_tokens_details"]!["cached_tokens"]!).ShouldBe(0);
        ((int)second["usage"]!["prompt_tokens_details"]!["cached_tokens"]!).ShouldBeGreaterThan(20);
        second["choices"]!.ToJsonString().ShouldBe(first["choices"]!.ToJsonString());
    }

    [Fact]
    public async Task A_bias_of_a_hundred_forces_a_token_and_the_finish_is_length()
    {
        await using var surface = await Surface.WithEngineAsync();
        var answer = await surface.AnswerAsync("/v1/completions", """{"model":"tiny-chat","prompt":[400],"max_tokens":3,"temperature":0,"logit_bias":{"700":100}}""");

        answer["choices"]![0]!["text"]!.ToString().ShouldBe(surface.Model.Tokenizer.Decode([700, 700, 700], skipSpecialTokens: true));
        answer["choices"]![0]!["finish_reason"]!.ToString().ShouldBe("length");
    }

    [Fact]
    public async Task One_seed_gives_one_answer_and_choices_of_one_seed_differ()
    {
        await using var surface = await Surface.WithEngineAsync();
        var body = $$"""{"model":"tiny-chat","prompt":[400],"max_tokens":12,"temperature":2,"top_p":1,"seed":7,"n":3,"logit_bias":{{Flat()}}}""";

        var first = (await surface.AnswerAsync("/v1/completions", body))["choices"]!;
        var second = (await surface.AnswerAsync("/v1/completions", body))["choices"]!;

        second.ToJsonString().ShouldBe(first.ToJsonString());
        ((JsonArray)first).Select(choice => choice!["text"]!.ToString()).Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public async Task Scoring_a_prompt_gives_each_token_but_the_first_a_score_and_an_offset()
    {
        await using var surface = await Surface.WithEngineAsync();
        var answer = await surface.AnswerAsync("/v1/completions", """{"model":"tiny-chat","prompt":[300,301,302],"max_tokens":0,"echo":true,"logprobs":2}""");

        var choice = answer["choices"]![0]!;
        choice["text"]!.ToString().ShouldBe(surface.Model.Tokenizer.Decode([300, 301, 302], skipSpecialTokens: true));
        var scores = choice["logprobs"]!;
        scores["token_logprobs"]![0].ShouldBeNull();
        ((double)scores["token_logprobs"]![1]!).ShouldBeInRange(-0.01, 0);
        ((int)scores["text_offset"]![0]!).ShouldBe(0);
        ((int)scores["text_offset"]![2]!).ShouldBe(surface.Model.Tokenizer.Decode([300, 301], skipSpecialTokens: true).Length);
        ((int)answer["usage"]!["completion_tokens"]!).ShouldBe(0);
    }

    [Fact]
    public async Task The_likeliest_of_several_candidates_is_given()
    {
        await using var surface = await Surface.WithEngineAsync();
        var request = $$"""{"model":"tiny-chat","prompt":[400],"max_tokens":4,"temperature":2,"top_p":1,"seed":3,"logit_bias":{{Flat()}}""";
        var all = (JsonArray)(await surface.AnswerAsync("/v1/completions", request + ",\"n\":8,\"logprobs\":0}"))["choices"]!;
        var likeliest = all.MaxBy(choice => ((JsonArray)choice!["logprobs"]!["token_logprobs"]!).Average(score => (double)score!))!;

        var best = await surface.AnswerAsync("/v1/completions", request + ",\"best_of\":8,\"n\":1}");

        ((JsonArray)best["choices"]!).Count.ShouldBe(1);
        best["choices"]![0]!["text"]!.ToString().ShouldBe(likeliest["text"]!.ToString());
        ((int)best["usage"]!["completion_tokens"]!).ShouldBe(32);
    }

    // Takes the successor's lead away for a while, so that chance decides.
    private static string Flat() => "{" + string.Join(',', Enumerable.Range(300, 60).Select(id => $"\"{id}\":{(id % 7) + 18}")) + "}";
}
