using System.Text.Json.Serialization;

namespace Gateway.Usage;

/// <summary>How rows lie in a spill file.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(UsageRow))]
internal sealed partial class UsageJson : JsonSerializerContext;
