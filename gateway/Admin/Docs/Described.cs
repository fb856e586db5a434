using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Gateway.Admin.Docs;

/// <summary>What routes that read their requests themselves say of them in the document. Nothing of it is checked by the framework, whose refusals have another shape.</summary>
internal static class Described
{
    /// <summary>A body of JSON, by an example of it.</summary>
    public static RouteHandlerBuilder TakesJson(this RouteHandlerBuilder route, string example, bool required = true) => route.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = required,
            Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = SchemaOf(JsonNode.Parse(example)), Example = JsonNode.Parse(example) } },
        };
        return Task.CompletedTask;
    });

    /// <summary>The pages of a list, and what it can be asked by.</summary>
    public static RouteHandlerBuilder TakesPages(this RouteHandlerBuilder route, params string[] filters) => route.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        operation.Parameters ??= [];
        Add("limit", JsonSchemaType.Integer, "Entries of a page, from 1 to 100; 20 where absent.");
        Add("after", JsonSchemaType.String, "The last_id of the page before.");
        Add("order", JsonSchemaType.String, "desc, newest first, where absent; or asc.");
        foreach (var filter in filters) Add(filter, JsonSchemaType.String, "Only those with it.");
        return Task.CompletedTask;

        void Add(string name, JsonSchemaType type, string says) => operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Query, Description = says, Schema = new OpenApiSchema { Type = type } });
    });

    /// <summary>Parameters of the query.</summary>
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder route, params (string Name, JsonSchemaType Type, string Says)[] parameters) => route.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        operation.Parameters ??= [];
        foreach (var (name, type, says) in parameters) operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Query, Description = says, Schema = new OpenApiSchema { Type = type } });
        return Task.CompletedTask;
    });

    private static OpenApiSchema SchemaOf(JsonNode? example) => example switch
    {
        JsonObject all => new OpenApiSchema { Type = JsonSchemaType.Object, Properties = all.ToDictionary(member => member.Key, IOpenApiSchema (member) => SchemaOf(member.Value)) },
        JsonArray list => new OpenApiSchema { Type = JsonSchemaType.Array, Items = SchemaOf(list.FirstOrDefault()) },
        null => new OpenApiSchema(),
        _ => new OpenApiSchema
        {
            Type = example.GetValueKind() switch { JsonValueKind.String => JsonSchemaType.String, JsonValueKind.Number => JsonSchemaType.Number, JsonValueKind.True or JsonValueKind.False => JsonSchemaType.Boolean, _ => JsonSchemaType.Null },
        },
    };
}
