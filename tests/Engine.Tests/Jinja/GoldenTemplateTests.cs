using System.Globalization;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Gateway.Engine.Models;
using Gateway.Engine.Text;
using Gateway.Engine.Text.Jinja;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Engine.Tests.Jinja;

/// <summary>Equality with transformers' <c>apply_chat_template</c>, character by character.</summary>
public class GoldenTemplateTests
{
    private static readonly Lazy<List<JsonObject>> SnippetRows = new(() =>
        [.. File.ReadLines(Shared.Golden("templates", "snippets.jsonl")).Select(line => (JsonObject)JsonNode.Parse(line)!)]);

    public static TheoryData<string> SnippetNames => [.. SnippetRows.Value.Skip(1).Select(row => (string)row["name"]!)];

    [Theory]
    [MemberData(nameof(SnippetNames))]
    public void A_snippet_renders_as_in_the_reference_or_fails_as_it_does(string name)
    {
        var row = SnippetRows.Value.Single(r => (string?)r["name"] == name);
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 3, 5, 4, 9, TimeSpan.Zero));

        var (text, error) = Render((string)row["template"]!, (JsonObject)SnippetRows.Value[0]["data"]!, clock);

        if (row["output"] is { } output) (text ?? error).ShouldBe((string?)output);
        else error.ShouldNotBeNull($"rendered '{text}'");
        if ((string?)row["error_type"] == "TemplateError") error.ShouldBe((string?)row["error"]);
    }

    /// <summary>Jinja's own semantics, as Debian's jinja2 has them in the environment that transformers sets up.</summary>
    [Fact]
    public void Every_feature_renders_as_in_jinja2()
    {
        JsonObject Read(string name) => (JsonObject)JsonNode.Parse(File.ReadAllText(Shared.Optional("golden", "jinja", name)))!;
        var (data, snippets, expected) = (Read("data.json"), Read("snips.json"), Read("ref.json"));
        DateTime.TryParseExact((string?)expected["strftime_now"], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var day).ShouldBeTrue();
        var clock = new FakeTimeProvider(day);

        foreach (var (name, source) in snippets)
        {
            var (text, error) = Render((string)source!, data, clock);
            if ((string)expected[name]! is var right && right.StartsWith("ERR ", StringComparison.Ordinal)) error.ShouldNotBeNull($"{name} rendered '{text}'");
            else (text ?? error).ShouldBe(right, name);
        }
    }

    [Fact]
    public void Real_templates_render_real_conversations_as_in_the_reference()
    {
        var templates = (JsonObject)JsonNode.Parse(File.ReadAllText(Shared.Optional("golden", "templates", "templates.json")))!;
        var conversations = ((JsonArray)JsonNode.Parse(File.ReadAllText(Shared.Optional("golden", "templates", "conversations.json")))!).ToDictionary(c => (string)c!["name"]!, c => (JsonObject)c!);
        using var cases = new StreamReader(new GZipStream(File.OpenRead(Shared.Optional("golden", "templates", "cases.jsonl.gz")), CompressionMode.Decompress));
        var parsed = new Dictionary<string, ChatTemplate>();
        var wrong = new List<string>();
        var count = 0;
        while (cases.ReadLine() is { } line)
        {
            var row = JsonNode.Parse(line)!;
            var name = (string)row["template"]!;
            count++;
            if (!parsed.TryGetValue(name, out var template)) parsed[name] = template = ChatTemplate.Parse((string)templates[name]!, name);
            var (text, error, raised) = Render(template, conversations[(string)row["conversation"]!]);
            var right = row["output"] is { } output ? text == (string?)output : error is not null && ((string?)row["error_type"] != "TemplateError" || !raised || error == (string?)row["error"]);
            if (!right) wrong.Add($"{name} / {row["conversation"]}: expected '{row["output"] ?? row["error"]}' but was '{text ?? error}'");
        }

        count.ShouldBe(2951);
        wrong.ShouldBeEmpty();
    }

    private static (string? Text, string? Error, bool Raised) Render(ChatTemplate template, JsonObject conversation)
    {
        var options = (JsonObject)conversation["options"]!.DeepClone();
        bool Take(string name)
        {
            var value = (bool?)options[name] ?? false;
            options.Remove(name);
            return value;
        }

        var input = new ChatTemplateInput(
            (JsonArray)conversation["messages"]!.DeepClone(), conversation["tools"] as JsonArray, conversation["documents"] as JsonArray, Take("add_generation_prompt"), Take("continue_final_message"),
            new Dictionary<string, string> { ["bos_token"] = "<s>", ["eos_token"] = "</s>", ["unk_token"] = "<unk>" }, options,
            new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 15, 4, 5, TimeSpan.Zero)))
        { ParseToolArguments = false };
        try
        {
            return (template.Render(input), null, false);
        }
        catch (ChatTemplateException e)
        {
            return (null, e.Message, e.Raised);
        }
    }

    private static (string? Text, string? Error) Render(string source, JsonObject data, TimeProvider clock)
    {
        var globals = new Scope(null);
        TemplateGlobals.Fill(globals, clock);
        foreach (var (name, value) in data) globals[name] = JsonText.FromNode(value);
        try
        {
            return (new Interpreter(new Budget(), globals).Render(new Parser(new Lexer(source).Read()).Template()), null);
        }
        catch (Exception e) when (e is ChatTemplateException or JinjaSyntaxException)
        {
            return (null, e.Message);
        }
    }
}
