using System.Text;
using System.Text.Json;
using Gateway.Engine.Constraints;
using Gateway.Engine.Constraints.ToolCalls;
using Gateway.Worker.Tools;

namespace Gateway.Worker.Tests.Tools;

/// <summary>Under every family's form: what a grammar lets through is read back whole, wherever it is cut.</summary>
public sealed class ToolFormTests
{
    private static readonly CallableTool[] Tools =
    [
        Tool("go", """{"type":"object","properties":{"a":{"type":"string"},"n":{"type":"integer","minimum":-5,"maximum":99},"b":{"type":"boolean"}},"required":["a"],"additionalProperties":false}"""),
        Tool("go_on", """{"type":"object","properties":{"x":{"type":["string","null"]},"list":{"type":"array","items":{"$ref":"#/$defs/one"},"maxItems":3},"e":{"enum":["a\nb","<tool_call>",7]}},"$defs":{"one":{"type":"object","properties":{"t":{"type":"string","maxLength":4}},"required":["t"],"additionalProperties":false}}}"""),
        Tool("any", """{"type":"object","maxProperties":0,"additionalProperties":false}"""),
        Tool("either", """{"anyOf":[{"type":"object","properties":{"k-1":{"type":"boolean"}},"required":["k-1"],"additionalProperties":false}],"type":"object"}"""),
        CallableTool.Bare("now"),
    ];

    public static TheoryData<string> Forms => [.. ToolFamilies.All.Select(static form => form.Name)];

    [Theory, MemberData(nameof(Forms))]
    public void Calls_that_are_sampled_are_read_back_as_they_were_written(string name)
    {
        var (plan, sampler, random) = (Plan(name, forced: true), new FormSampler(Form(name)), new Random(5));
        int several = 0, whole = 0;
        for (var sample = 0; sample < 150; sample++)
        {
            if (sampler.Draw(plan.Grammar, random) is not { } text) continue;
            var read = Read(plan, [text]);
            read.Content.ShouldBeEmpty(text);
            read.Complete.ShouldBe(read.Calls.Count, text);
            foreach (var (called, arguments) in read.Calls)
            {
                var tool = Tools.Single(tool => tool.Name == called);
                Takes(tool.Arguments, arguments).ShouldBeTrue($"{called}: {arguments}");
            }

            var printed = FormPrinter.Print(Form(name), read.Calls);
            Normal(text).ShouldBe(printed);
            whole++;
            if (read.Calls.Count > 1) several++;
        }

        whole.ShouldBeGreaterThan(60);
        if (Form(name).Separator is not null) several.ShouldBeGreaterThan(3);
        else several.ShouldBe(0);

        // A bare opening may be written with its tag too, and an id may stand before arguments.
        string Normal(string text)
        {
            var form = Form(name);
            if (form is { Bare: true, Tag: { } tag } && text.StartsWith(tag, StringComparison.Ordinal)) text = text[tag.Length..];
            return form.IdTag is null ? text : System.Text.RegularExpressions.Regex.Replace(text, @"(go|go_on|any|either|now)\[CALL_ID\][A-Za-z0-9]{9}\[ARGS\]", "$1[ARGS]");
        }
    }

    [Theory, MemberData(nameof(Forms))]
    public void However_an_answer_is_cut_its_content_and_calls_are_the_same_and_no_markup_leaks(string name)
    {
        var (plan, forced, sampler, random) = (Plan(name, forced: false), Plan(name, forced: true), new FormSampler(Form(name)), new Random(11));
        var withCalls = 0;
        for (var sample = 0; sample < 120; sample++)
        {
            // Chance alone hardly ever opens a call without a tag.
            if (sampler.Draw((sample % 2 == 0 ? plan : forced).Grammar, random, 250) is not { } text) continue;
            if (sample % 4 == 1 && Form(name).Tag is { } opens && text.StartsWith(opens, StringComparison.Ordinal)) text = "Let me < look.\n\n" + text;
            Takes(plan.Grammar, text).ShouldBeTrue(text);
            var whole = Read(plan, [text]);
            if (whole.Calls.Count > 0) withCalls++;
            else whole.Content.ShouldBe(text);
            Read(plan, text.Select(static c => c.ToString())).ShouldBeLike(whole, text);
            for (var at = 0; at <= text.Length; at++)
            {
                Read(plan, [text[..at], text[at..]]).ShouldBeLike(whole, text);
                // Ended there by the token limit: what was said before is the beginning of the same.
                var cut = Read(plan, [text[..at]]);
                if (Form(name).Tag is { } tag) cut.Content.ShouldNotContain(tag);
                if (cut.Calls.Count == 0) continue;
                cut.Content.ShouldBe(whole.Content);
                whole.Calls[cut.Calls.Count - 1].Arguments.ShouldStartWith(cut.Calls[^1].Arguments);
            }
        }

        withCalls.ShouldBeGreaterThan(20);
    }

    [Theory, MemberData(nameof(Forms))]
    public void Where_nothing_may_be_called_text_never_opens_a_call(string name)
    {
        var form = Form(name);
        var plan = new ToolCallPlan(form, [], new ToolCallOptions(Forced: false, Parallel: true));
        var matcher = plan.Grammar.Matcher(TokenTrie.Of([]));
        matcher.TryAdvance("some text "u8).ShouldBeTrue();
        var withheld = new ToolCallPlan(form, [], new ToolCallOptions(Forced: false, Parallel: true) { Withheld = ["go", "now"] });
        Takes(withheld.Grammar, FormPrinter.Print(form, [("now", "{}")])).ShouldBeFalse();
        Takes(withheld.Grammar, "{\"name\": \"Bob\"}").ShouldBeTrue();
        Takes(withheld.Grammar, "[golf(1)]").ShouldBeTrue();
        if (form.Tag is null) return;
        matcher.TryAdvance(Encoding.UTF8.GetBytes(form.Tag[..^1])).ShouldBeTrue();
        matcher.TryAdvance(Encoding.UTF8.GetBytes(form.Tag[^1..])).ShouldBeFalse();
        matcher.TryAdvance("~"u8).ShouldBeTrue();
    }

    [Theory, MemberData(nameof(Forms))]
    public void Free_text_that_is_no_call_passes_whole(string name)
    {
        var plan = Plan(name, forced: false);
        foreach (var text in (string[])["{\"nam\": 1}", "[1, 2]", "[goat(1)]", "< b <too <|py [TOOL [ARGS]", "  \n hm", "{", "[go", "é😀"])
        {
            Takes(plan.Grammar, text).ShouldBeTrue(text);
            Read(plan, text.Select(static c => c.ToString())).Content.ShouldBe(text);
        }
    }

    [Theory, MemberData(nameof(Forms))]
    public void Thoughts_may_come_first_and_hold_anything_but_their_end(string name)
    {
        var form = Form(name);
        foreach (var begun in (bool[])[true, false])
        {
            var thoughts = new ThoughtForm("<think>", "</think>", [], begun);
            var plan = new ToolCallPlan(form, Tools, new ToolCallOptions(Forced: true, Parallel: false) { Thoughts = thoughts });
            var call = FormPrinter.Print(form, [("now", "{}")]);
            var thought = $"{(begun ? "" : "<think>")}I could say {form.Tag} or {call} </thin\n</think>\n\n";
            Takes(plan.Grammar, thought + call).ShouldBeTrue();
            Takes(plan.Grammar, thought + "words").ShouldBeFalse();
            Takes(plan.Grammar, call).ShouldBe(!begun);
            var free = new ToolCallPlan(form, Tools, new ToolCallOptions(Forced: false, Parallel: false) { Thoughts = thoughts });
            Takes(free.Grammar, thought + "words").ShouldBeTrue();
            Takes(free.Grammar, (begun ? "" : "<think>") + call).ShouldBeFalse();
        }
    }

    [Theory, MemberData(nameof(Forms))]
    public void An_answer_may_be_a_call_or_be_bound_in_another_way(string name)
    {
        var form = Form(name);
        var content = Grammar.OfSchema(JsonSerializer.Deserialize<JsonElement>("""{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}"""));
        var plan = new ToolCallPlan(form, Tools, new ToolCallOptions(Forced: false, Parallel: true) { Content = content });
        const string person = "{\"name\": \"<tool_call>[go(\"}";
        Takes(plan.Grammar, person).ShouldBeTrue();
        Read(plan, person.Select(static c => c.ToString())).Content.ShouldBe(person);
        Takes(plan.Grammar, "words").ShouldBeFalse();
        var call = (form is { Bare: true, Tag: not null } ? form.Tag : "") + FormPrinter.Print(form, [("now", "{}")]);
        Takes(plan.Grammar, call).ShouldBeTrue();
        Read(plan, call.Select(static c => c.ToString())).Calls.ShouldBe([("now", "{}")]);
    }

    private static ToolCallForm Form(string name) => ToolFamilies.All.Single(form => form.Name == name);

    private static ToolCallPlan Plan(string name, bool forced) => new(Form(name), Tools, new ToolCallOptions(forced, Parallel: true));

    private static CallableTool Tool(string name, string schema)
    {
        var parameters = JsonSerializer.Deserialize<JsonElement>(schema);
        return new CallableTool(name, parameters, Grammar.OfSchema(parameters, []));
    }

    private static bool Takes(Grammar grammar, string text)
    {
        var matcher = grammar.Matcher(TokenTrie.Of([]));
        return (text.Length == 0 || matcher.TryAdvance(Encoding.UTF8.GetBytes(text))) && matcher.IsAccepting;
    }

    private static ReadAnswer Read(ToolCallPlan plan, IEnumerable<string> parts)
    {
        var splitter = plan.Splitter();
        var content = new StringBuilder();
        var calls = new List<(string Name, string Arguments)>();
        foreach (var (part, last) in parts.Select(static part => (part, false)).Append(("", true)))
        {
            var (said, more) = splitter.Append(part, last);
            content.Append(said);
            foreach (var call in more)
            {
                if (call.Name is { } called) calls.Add((called, ""));
                calls[call.Index] = (calls[call.Index].Name, calls[call.Index].Arguments + call.Arguments);
            }
        }

        return new ReadAnswer(content.ToString(), calls, splitter.Complete);
    }
}
