using System.Text.Json.Nodes;

namespace Gateway.Engine.Constraints.Schemas;

/// <summary>A schema in the document.</summary>
/// <param name="Node">What it says.</param>
/// <param name="Path">Where it is, references followed.</param>
/// <param name="Under">The schema that applies it to the same value: a reference's, <c>allOf</c>'s or <c>anyOf</c>'s.</param>
internal sealed record SchemaPlace(JsonNode? Node, SchemaPath Path, SchemaPlace? Under = null)
{
    /// <summary>Its keywords, where it is no boolean.</summary>
    public JsonObject Keywords => (JsonObject)Node!;
}
