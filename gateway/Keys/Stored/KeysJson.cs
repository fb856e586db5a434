using System.Text.Json.Serialization;
using Gateway.Policies;

namespace Gateway.Keys.Stored;

/// <summary>How the admin API writes keys.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(KeyEntry))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(KeyDeleted))]
internal sealed partial class KeysJson : JsonSerializerContext;

/// <summary>How limits stand in the database: those that there are.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(CallerLimits))]
internal sealed partial class LimitsJson : JsonSerializerContext;
