using System.Text.Json.Serialization;
using Gateway.Admin.Audit;

namespace Gateway.Admin;

/// <summary>How the admin API writes.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(UpstreamList))]
[JsonSerializable(typeof(QueueList))]
[JsonSerializable(typeof(AuditList))]
internal sealed partial class AdminJson : JsonSerializerContext;
