using System.Text.Json;
using Gateway.Engine.Constraints;
using Gateway.Engine.Constraints.Schemas;
using Gateway.Worker.Errors;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Constraints;

/// <summary>
/// The one place that understands what binds an answer's form: <c>response_format</c>, vLLM's <c>guided_…</c> fields and its newer
/// <c>structured_outputs</c>. Two of them together contradict each other.
/// </summary>
internal static class ConstraintReader
{
    private const int MaxNameLength = 64;
    private const int MaxChoices = 1_000;

    /// <returns>Null for free text.</returns>
    public static Constraint? Read(JsonFields fields, LoadedModel model)
    {
        var found = new List<(string Param, Func<Grammar> Grammar)>();
        if (Format(fields, model) is { } format) found.Add(("response_format", format));
        foreach (var (name, kind) in (ReadOnlySpan<(string, string)>)[("guided_json", "json"), ("guided_regex", "regex"), ("guided_choice", "choice"), ("guided_grammar", "grammar")])
            if (Guide(fields, name, kind, model) is { } guide) found.Add((name, guide));
        if (fields.Object("structured_outputs") is { } structured)
        {
            foreach (var kind in (ReadOnlySpan<string>)["json", "regex", "choice", "grammar", "json_object"])
                if (Guide(structured, kind, kind, model) is { } guide) found.Add(($"structured_outputs.{kind}", guide));
            Options(structured);
        }

        if (found.Count == 0) return null;
        if (found.Count > 1) throw Problems.Invalid(found[1].Param, $"Invalid '{found[1].Param}': it is not allowed together with '{found[0].Param}'.");
        if (fields.Flag("use_beam_search") ?? false) throw Problems.Invalid(found[0].Param, $"Invalid '{found[0].Param}': it is not allowed when 'use_beam_search' is enabled.");
        try
        {
            return new Constraint(found[0].Grammar(), model.Trie);
        }
        catch (GrammarException wrong)
        {
            var (param, _) = found[0];
            var message = $"Invalid '{param}': {wrong.Message}";
            throw param.EndsWith("json", StringComparison.Ordinal) || param == "response_format" ? Problems.BadSchema(param, message) : Problems.Invalid(param, message);
        }
    }

    /// <summary>What else vLLM has in <c>structured_outputs</c>. Whatever would bind the answer is not forgotten, unless it is turned off.</summary>
    private static void Options(JsonFields structured)
    {
        structured.Flag("disable_fallback"); // there is one way only, so nothing to fall back to
        foreach (var name in structured.Element.EnumerateObject().Select(static field => field.Name))
        {
            if (name is "json" or "regex" or "choice" or "grammar" or "json_object" or "disable_fallback" || !structured.Has(name)) continue;
            if (name is "disable_any_whitespace" or "disable_additional_properties" && structured.Flag(name) is false) continue;
            throw Problems.Unsupported($"structured_outputs.{name}");
        }
    }

    private static Func<Grammar>? Format(JsonFields fields, LoadedModel model)
    {
        if (fields.Object("response_format") is not { } format) return null;
        switch (format.OneOf("type", "text", "json_object", "json_schema") ?? throw Problems.Missing("response_format.type"))
        {
            case "text":
                return null;
            case "json_object":
                // Some clients put a schema beside it; an empty one asks for nothing.
                return format.TryGet("schema", out var beside) && beside.ValueKind == JsonValueKind.Object && beside.EnumerateObject().Any()
                    ? OfSchema(beside, model)
                    : static () => Grammar.AnyObject;
        }

        var schema = format.Object("json_schema") ?? throw Problems.Missing("response_format.json_schema");
        var name = schema.Text("name", MaxNameLength);
        if (name is not null && (name.Length == 0 || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')))
            throw Problems.Invalid("response_format.json_schema.name", "Invalid 'response_format.json_schema.name': only letters, digits, '_' and '-' are allowed.");
        schema.Text("description");
        var strict = schema.Flag("strict") ?? false;
        if (!schema.TryGet("schema", out var given)) return static () => Grammar.AnyObject;
        try
        {
            if (strict) StrictRules.Check(given);
            var grammar = OfSchema(given, model)();
            return () => grammar;
        }
        catch (GrammarException wrong)
        {
            throw Problems.BadSchema("response_format", $"Invalid schema for response_format '{name ?? "response"}': {wrong.Message}");
        }
    }

    private static Func<Grammar>? Guide(JsonFields fields, string name, string kind, LoadedModel model)
    {
        var path = fields.PathOf(name);
        switch (kind)
        {
            case "json":
                if (!fields.TryGet(name, out var schema)) return null;
                return schema.ValueKind == JsonValueKind.String ? OfSchema(Parsed(schema.GetString()!, path), model) : OfSchema(schema, model);
            case "regex":
                return fields.Text(name) is { } pattern ? () => model.Grammars.Get($"regex:{pattern}", () => Grammar.OfPattern(pattern)) : null;
            case "choice":
                if (fields.Array(name) is not { } array) return null;
                if (array.GetArrayLength() > MaxChoices) throw Problems.ArrayTooLong(path, MaxChoices, array.GetArrayLength());
                List<string> choices = [.. array.EnumerateArray().Select((item, at) => JsonFields.AsText(item, $"{path}[{at}]"))];
                return () => Grammar.OfChoices(choices);
            case "json_object":
                return fields.Flag(name) ?? false ? static () => Grammar.AnyObject : null;
            default:
                return fields.Text(name) is { } text ? () => model.Grammars.Get($"grammar:{text}", () => Grammar.OfText(text)) : null;
        }
    }

    private static Func<Grammar> OfSchema(JsonElement schema, LoadedModel model)
    {
        var kept = schema.Clone(); // the request's document is gone before long
        return () => model.Grammars.Get($"json:{kept.GetRawText()}", () => Grammar.OfSchema(kept));
    }

    private static JsonElement Parsed(string text, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw Problems.Invalid(path, $"Invalid '{path}': its text is not JSON.");
        }
    }
}
