using System.Text.Json;
using Gateway.Worker.Errors;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Rerank;

/// <summary>The one place that understands a rerank request: the shape that Cohere and Jina share.</summary>
internal static class RerankRequestReader
{
    private const int MaxDocuments = 2048;

    public static RerankCall Read(JsonFields fields, LoadedEncoder model)
    {
        SharedFields.CheckModel(fields, model);
        fields.Text("user");
        if (model.Folder.Labels.Count != 1)
            throw Problems.WrongTask(model.Name, $"a classifier of {model.Folder.Labels.Count} labels ({string.Join(", ", model.Folder.Labels.Take(4))}), and ranking needs a model with one score; use /v1/classify");
        // Both services cut what is too long instead of refusing it; a ranking of a hundred documents should not fail for one.
        var limit = InputLimit.Read(fields, model, cuts: true);
        var query = fields.RequiredText("query");
        if (query.Length == 0) throw Problems.Invalid("query", "Invalid 'query': it cannot be an empty string.");
        var documents = Documents(fields);
        var top = (int)Math.Min(documents.Count, fields.Integer("top_n", 1, int.MaxValue) ?? int.MaxValue);
        var each = (int)(fields.Integer("max_tokens_per_doc", 1, int.MaxValue) ?? int.MaxValue); // Cohere's
        var pairs = documents.Select((document, at) => limit.Apply(model.Framing.Pair(query, document, limit.Tokens, each), $"documents[{at}]", model)).ToList();
        return new RerankCall(pairs, documents, top, fields.Flag("return_documents") ?? false, fields.Flag("raw_scores") ?? false);
    }

    private static List<string> Documents(JsonFields fields)
    {
        if (fields.Array("documents") is not { } documents) throw Problems.Missing("documents");
        var count = documents.GetArrayLength();
        if (count == 0) throw Problems.EmptyArray("documents");
        if (count > MaxDocuments) throw Problems.ArrayTooLong("documents", MaxDocuments, count);
        return [.. documents.EnumerateArray().Select((document, at) => document.ValueKind switch
        {
            JsonValueKind.String => document.GetString()!,
            JsonValueKind.Object => JsonFields.Of(document, $"documents[{at}]").RequiredText("text"),
            _ => throw Problems.WrongType($"documents[{at}]", "a string or an object with 'text'", WireJson.Kind(document)),
        })];
    }
}
