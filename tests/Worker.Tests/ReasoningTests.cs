using System.Text.Json.Nodes;
using Gateway.Worker.Chat;

namespace Gateway.Worker.Tests;

public class ReasoningTests
{
    private static readonly ReasoningTags Tags = new("<think>", "</think>");

    [Theory]
    [InlineData("<think>\nlet me see\n</think>\n\nYes.", false, "let me see", "Yes.")]
    [InlineData("let me see </think> Yes.", true, "let me see", "Yes.")]
    [InlineData("\n<think></think>Yes.", false, "", "Yes.")]
    [InlineData("  plain <think>x</think>", false, "", "  plain <think>x</think>")]
    [InlineData("<thin air", false, "", "<thin air")]
    [InlineData("<think>a </thin b </ c", false, "a </thin b </ c", "")]
    [InlineData("<think>cut off </thi", false, "cut off </thi", "")]
    [InlineData("<think>a</think>b</think>c", false, "a", "b</think>c")]
    [InlineData("<thi", false, "", "<thi")]
    public void An_answer_is_parted_the_same_way_however_it_is_cut(string answer, bool begun, string reasoning, string content)
    {
        for (var size = 1; size <= answer.Length; size++)
        {
            var splitter = new ReasoningSplitter(new Thinking(Tags, begun));
            var (thought, said) = ("", "");
            for (var at = 0; at < answer.Length; at += size)
            {
                var (more, text) = splitter.Append(answer.Substring(at, Math.Min(size, answer.Length - at)), at + size >= answer.Length);
                (thought, said) = (thought + more, said + text);
            }

            thought.ShouldBe(reasoning, $"pieces of {size}");
            said.ShouldBe(content, $"pieces of {size}");
        }
    }

    [Fact]
    public void Channels_are_parted_and_their_headers_removed()
    {
        var tags = new ReasoningTags("<|channel|>analysis<|message|>", "<|end|>", "<|start|>assistant<|channel|>final<|message|>", "<|channel|>final<|message|>");
        foreach (var (answer, reasoning) in ((string, string)[])[("<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Yes.", "hm"), ("<|channel|>final<|message|>Yes.", "")])
        {
            var splitter = new ReasoningSplitter(new Thinking(tags, false));
            var parts = answer.Select((c, i) => splitter.Append(c.ToString(), i + 1 == answer.Length)).ToList();
            string.Concat(parts.Select(part => part.Reasoning)).ShouldBe(reasoning);
            string.Concat(parts.Select(part => part.Content)).ShouldBe("Yes.");
        }
    }

    [Theory]
    [InlineData("{{ messages[0].content }}{% if enable_thinking is defined and not enable_thinking %}<think></think>{% endif %}", "<think> I wonder. </think> Yes, it is.", "")]
    [InlineData("{{ messages[0].content }}<think>\n{# </think> enable_thinking #}", "I wonder.</think>Yes, it is.", "")]
    [InlineData("{{ messages[0].content }}{% if enable_thinking is defined and not enable_thinking %}<think></think>{% endif %}", "Yes, it is.", ",\"reasoning_effort\":\"none\"")]
    public async Task Reasoning_has_its_own_field_count_and_deltas(string template, string answer, string extra)
    {
        await using var surface = await Surface.StartAsync(folder => new ScriptedBackend([.. folder.Tokenizer.Encode(answer, addSpecialTokens: false), 2]), template: template);
        var plain = await surface.AnswerAsync("/v1/chat/completions", Surface.Chat(extra + ",\"logprobs\":true"));
        var message = plain["choices"]![0]!["message"]!;
        message["content"]!.ToString().ShouldBe("Yes, it is.");
        message["reasoning_content"]?.ToString().ShouldBe(extra.Length == 0 ? "I wonder." : null);
        var reasoned = (int)plain["usage"]!["completion_tokens_details"]!["reasoning_tokens"]!;
        if (extra.Length == 0) reasoned.ShouldBeGreaterThan(3);
        else reasoned.ShouldBe(0);
        string.Concat(plain["choices"]![0]!["logprobs"]!["content"]!.AsArray().Select(token => token!["token"]!.ToString())).Trim().ShouldBe("Yes, it is.");
        plain["choices"]![0]!["logprobs"]!["content"]!.AsArray().Count.ShouldBe((int)plain["usage"]!["completion_tokens"]! - reasoned);

        var events = await surface.EventsAsync("/v1/chat/completions", Surface.Chat(extra + ",\"stream\":true"));
        var deltas = events[..^1].Select(line => JsonNode.Parse(line)!["choices"]![0]!["delta"]!).ToList();
        string.Concat(deltas.Select(delta => (string?)delta["reasoning_content"])).ShouldBe(extra.Length == 0 ? "I wonder." : "");
        string.Concat(deltas.Select(delta => (string?)delta["content"])).ShouldBe("Yes, it is.");
    }

    [Fact]
    public async Task A_model_that_always_reasons_cannot_be_told_not_to()
    {
        await using var surface = await Surface.StartAsync(_ => new ScriptedBackend([300, 2]), template: "{{ messages[0].content }}<think>{# </think> #}");
        (await surface.RefusedAsync("/v1/chat/completions", Surface.Chat(",\"reasoning_effort\":\"none\"")))["param"]!.ToString().ShouldBe("reasoning_effort");
        await surface.AnswerAsync("/v1/chat/completions", Surface.Chat(",\"reasoning_effort\":\"low\""));
    }
}
