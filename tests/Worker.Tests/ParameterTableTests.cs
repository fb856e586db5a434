using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gateway.Worker.Tests;

/// <summary>
/// Sends every parameter of the official document and of the usual extras, looks what becomes of it, and holds
/// <c>backends/Worker/Chat/PARAMETERS.md</c> to it. With <c>UPDATE_PARAMETERS=1</c> in the environment the file is written instead.
/// </summary>
public sealed partial class ParameterTableTests : IAsyncLifetime
{
    private static readonly string File_ = Path.Combine(Shared.Root, "backends", "Worker", "Chat", "PARAMETERS.md");
    private RecordingBackend backend = null!;
    private Surface surface = null!;

    public async ValueTask InitializeAsync() => surface = await Surface.StartAsync(folder => backend = new RecordingBackend(
        new ScriptedBackend([.. folder.Tokenizer.Encode("Hello there, friend."), 3, 2])));

    public ValueTask DisposeAsync() => surface.DisposeAsync();

    [Fact]
    public async Task The_table_of_parameters_says_what_happens()
    {
        var contract = JsonNode.Parse(await File.ReadAllBytesAsync(Shared.Optional("api", "openapi.json"), TestContext.Current.CancellationToken))!["components"]!["schemas"]!;
        var table = new StringBuilder("""
            # What becomes of each parameter

            Made by `ParameterTableTests`, which sends each value to the worker's HTTP surface with the embedded model and looks whether the answer, the
            prompt or the sampling changed. *Honoured*: it did. *Without effect*: accepted, and nothing changed, because the contract promises no change
            (hints, names, limits that are not reached). *Refused*: 400 that names the parameter. *Not known*: accepted, ignored, and named in the
            header `x-gateway-ignored-fields`. `store` is the gateway's: with Gateway:StoredCompletions on it keeps the answer, and no worker is asked to. `length_penalty` and `early_stopping` belong to `use_beam_search`; what they do beside it is held to golden
            searches by `GoldenGenerationTests`.

            """);
        await WriteAsync("POST /v1/chat/completions", ParameterProbes.Chat, Names(contract, "CreateChatCompletionRequest"));
        await WriteAsync("POST /v1/chat/completions, beyond the contract", ParameterProbes.ChatExtras, null);
        await WriteAsync("POST /v1/completions", ParameterProbes.Completions, Names(contract, "CreateCompletionRequest"));
        await WriteAsync("POST /v1/completions, beyond the contract", ParameterProbes.Extras, null);

        if (Environment.GetEnvironmentVariable("UPDATE_PARAMETERS") is not null) await File.WriteAllTextAsync(File_, table.ToString(), TestContext.Current.CancellationToken);
        (await File.ReadAllTextAsync(File_, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n").ShouldBe(
            table.ToString().ReplaceLineEndings("\n"), "PARAMETERS.md is out of date; run this test with UPDATE_PARAMETERS=1 and look at the difference");

        async Task WriteAsync(string title, (string Name, string[] Values, string Beside)[] probes, IReadOnlyCollection<string>? names)
        {
            if (names is not null) probes.Select(probe => probe.Name).Distinct().Order(StringComparer.Ordinal).ShouldBe(names.Order(StringComparer.Ordinal), $"{title}: a parameter without a probe");
            var path = title.Contains("/chat/", StringComparison.Ordinal) ? "/v1/chat/completions" : "/v1/completions";
            table.Append('\n').Append("## ").Append(title).Append("\n\n| parameter | asked | outcome |\n|---|---|---|\n");
            foreach (var (name, values, beside) in probes)
            {
                foreach (var value in values)
                {
                    var asked = beside.Length == 0 ? $"`{value}`" : $"`{value}` with `{beside}`";
                    table.Append("| `").Append(name).Append("` | ").Append(asked).Append(" | ").Append(await OutcomeAsync(path, name, value, beside)).Append(" |\n");
                }
            }
        }
    }

    private async Task<string> OutcomeAsync(string path, string name, string value, string beside)
    {
        var (_, without, askedWithout, _) = await SendAsync(path, beside);
        var (status, with, asked, ignored) = await SendAsync(path, (beside.Length == 0 ? "" : beside + ",") + $"\"{name}\":{value}");
        if (status == HttpStatusCode.NotFound && name == "model") return "honoured: another name is 404";
        if (status == HttpStatusCode.BadRequest)
        {
            var param = (string?)JsonNode.Parse(with)!["error"]!["param"];
            param.ShouldNotBeNull(with).ShouldStartWith(name);
            return "refused";
        }

        status.ShouldBe(HttpStatusCode.OK, $"{name}: {with}");
        if (ignored) return "not known";
        return with != without || asked != askedWithout ? "honoured" : "without effect";
    }

    private async Task<(HttpStatusCode Status, string Body, string Asked, bool Ignored)> SendAsync(string path, string fields)
    {
        var body = path.Contains("chat", StringComparison.Ordinal) ? Surface.Chat()[..^1] : "{\"model\":\"tiny-chat\",\"prompt\":\"a\"";
        using var response = await surface.PostAsync(path, body + (fields.Length == 0 ? "}" : $",{fields}}}"));
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (response.StatusCode, Varying().Replace(text, ""), backend.Asked, response.Headers.Contains("x-gateway-ignored-fields"));
    }

    private static HashSet<string> Names(JsonNode schemas, string name)
    {
        var names = new HashSet<string>();
        Walk(schemas[name]!);
        return names;

        void Walk(JsonNode schema)
        {
            if ((string?)schema["$ref"] is { } reference) Walk(schemas[reference[(reference.LastIndexOf('/') + 1)..]]!);
            foreach (var part in schema["allOf"] as JsonArray ?? []) Walk(part!);
            foreach (var property in schema["properties"] as JsonObject ?? []) names.Add(property.Key);
        }
    }

    // Ids and times differ from call to call.
    [GeneratedRegex("\"(id|created)\":(\"[^\"]*\"|[0-9]+)")]
    private static partial Regex Varying();
}
