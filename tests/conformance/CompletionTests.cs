using System.Net;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Tests;

namespace Gateway.Conformance.Tests;

/// <summary>The older completions: behaviours 76 to 80.</summary>
public abstract class CompletionSuite(RunningGateway gateway, string model) : IDisposable
{
    protected const string Path = "v1/completions";
    private readonly Wire wire = new(gateway.Address, model);

    protected Uri Gateway => gateway.Address;

    public void Dispose()
    {
        wire.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact, Trait("Behaviour", "76")]
    public async Task A_prompt_is_a_text_texts_tokens_or_lists_of_tokens()
    {
        var text = await wire.AnswerAsync(Path, Wire.Prompt(",\"return_token_ids\":true"));
        var ids = text["choices"]![0]!["prompt_token_ids"]!.ToJsonString();
        foreach (var (prompt, count) in ((string, int)[])[("[\"Once upon a time\",\"Once upon a time\"]", 2), (ids, 1), ($"[{ids},{ids}]", 2)])
        {
            var answer = await wire.AnswerAsync(Path, Wire.Prompt("", prompt));
            answer["choices"]!.AsArray().Select(choice => (int)choice!["index"]!).ShouldBe(Enumerable.Range(0, count));
            answer["choices"]!.AsArray().ShouldAllBe(choice => choice!["text"]!.ToString() == text["choices"]![0]!["text"]!.ToString());
            ((int)answer["usage"]!["prompt_tokens"]!).ShouldBe(count * (int)text["usage"]!["prompt_tokens"]!);
        }
    }

    [Fact, Trait("Behaviour", "77")]
    public async Task The_default_is_sixteen_tokens_and_none_with_echo_scores_a_text()
    {
        var answer = await wire.AnswerAsync(Path, Wire.Prompt(",\"ignore_eos\":true"));
        ((int)answer["usage"]!["completion_tokens"]!).ShouldBe(16);

        var scored = await wire.AnswerAsync(Path, Wire.Prompt(",\"max_tokens\":0,\"echo\":true,\"logprobs\":5"));
        var choice = scored["choices"]![0]!;
        choice["text"]!.ToString().ShouldBe("Once upon a time");
        var scores = choice["logprobs"]!;
        scores["token_logprobs"]![0].ShouldBeNull();
        scores["token_logprobs"]!.AsArray().Skip(1).ShouldAllBe(score => (double)score! <= 0);
        string.Concat(scores["tokens"]!.AsArray().Select(token => token!.ToString())).ShouldBe("Once upon a time");
        foreach (var name in (string[])["tokens", "top_logprobs", "text_offset"]) scores[name]!.AsArray().Count.ShouldBe((int)scored["usage"]!["prompt_tokens"]!);
        ((int)scored["usage"]!["completion_tokens"]!).ShouldBe(0);
    }

    [Fact, Trait("Behaviour", "77")]
    public async Task An_answer_scored_as_a_prompt_has_the_scores_that_it_was_made_with()
    {
        var made = await wire.AnswerAsync(Path, Wire.Prompt(",\"max_tokens\":6,\"logprobs\":0,\"return_token_ids\":true"));
        var prompt = made["choices"]![0]!["prompt_token_ids"]!.AsArray();
        var answer = made["choices"]![0]!["logprobs"]!["token_logprobs"]!.AsArray();
        var all = prompt.Concat(made["choices"]![0]!["token_ids"]!.AsArray().Take(answer.Count)).Select(id => (int)id!);
        var scored = await wire.AnswerAsync(Path, Wire.Prompt(",\"max_tokens\":0,\"echo\":true,\"logprobs\":0", $"[{string.Join(',', all)}]"));

        var scores = scored["choices"]![0]!["logprobs"]!["token_logprobs"]!.AsArray();
        for (var i = 0; i < answer.Count; i++) ((double)scores[prompt.Count + i]!).ShouldBe((double)answer[i]!, 1e-3);
    }

    [Fact, Trait("Behaviour", "79")]
    public async Task A_gap_is_filled_and_the_best_of_several_is_never_streamed()
    {
        using (var filled = await wire.PostAsync(Path, Wire.Prompt(",\"suffix\":\" and they lived.\"")))
        {
            // A family without tokens for it says so.
            if (filled.StatusCode == HttpStatusCode.BadRequest) (await Wire.ErrorAsync(filled, HttpStatusCode.BadRequest))["param"]!.ToString().ShouldBe("suffix");
            else (await filled.Content.ReadAsStringAsync(Wire.Cancellation)).ShouldNotContain("<|fim");
        }

        (await wire.AnswerAsync(Path, Wire.Prompt(",\"best_of\":3,\"n\":2,\"temperature\":1")))["choices"]!.AsArray().Count.ShouldBe(2);
        (await wire.RefusedAsync(Path, Wire.Prompt(",\"best_of\":1,\"n\":2")))["param"]!.ToString().ShouldBe("best_of");
        (await wire.RefusedAsync(Path, Wire.Prompt(",\"best_of\":3,\"stream\":true")))["param"]!.ToString().ShouldBe("best_of");
    }

    [Fact, Trait("Behaviour", "80")]
    public async Task The_last_text_chunk_has_the_reason_and_usage_follows()
    {
        var chunks = await wire.ChunksAsync(Path, Wire.Prompt(",\"max_tokens\":5,\"ignore_eos\":true,\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
        chunks[^2]["choices"]![0]!["finish_reason"]!.ToString().ShouldBe("length");
        chunks[^2]["choices"]![0]!["text"].ShouldNotBeNull();
        chunks[..^2].ShouldAllBe(chunk => chunk["choices"]![0]!["finish_reason"] == null);
        chunks[^1]["choices"]!.AsArray().Count.ShouldBe(0);
        ((int)chunks[^1]["usage"]!["completion_tokens"]!).ShouldBe(5);
    }
}

/// <summary>With the embedded model.</summary>
public sealed class CompletionTests(RunningGateway gateway) : CompletionSuite(gateway, Wire.Tiny);

/// <summary>With SmolLM2.</summary>
public sealed class SmolCompletionTests(RunningGateway gateway) : CompletionSuite(gateway, Wire.Smol)
{
    [Fact, Trait("Behaviour", "77")]
    public async Task A_text_scored_over_http_has_the_reference_s_perplexity()
    {
        var golden = JsonNode.Parse(await File.ReadAllBytesAsync(Shared.Optional("golden", "smollm2", "perplexity.json"), Wire.Cancellation))!;
        using var scorer = new Wire(Gateway, Wire.Smol);
        var answer = await scorer.AnswerAsync(Path, Wire.Prompt(",\"max_tokens\":0,\"echo\":true,\"logprobs\":0", golden["ids"]!.ToJsonString()));

        var losses = answer["choices"]![0]!["logprobs"]!["token_logprobs"]!.AsArray().Skip(1).Select(score => -(double)score!).ToList();
        losses.Count.ShouldBe(golden["nll"]!.AsArray().Count);
        // The gateway chooses the weights' format by itself; a rounded one may cost this much.
        Math.Exp(losses.Average()).ShouldBe((double)golden["perplexity"]!, 0.01 * (double)golden["perplexity"]!);
    }
}
