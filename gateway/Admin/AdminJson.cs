using System.Text.Json.Serialization;

namespace Gateway.Admin;

/// <summary>How the admin API writes.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(UpstreamList))]
internal sealed partial class AdminJson : JsonSerializerContext;
