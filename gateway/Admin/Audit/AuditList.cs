using System.Text.Json;

namespace Gateway.Admin.Audit;

/// <summary>The answer of <c>GET /admin/v1/audit</c>.</summary>
internal sealed record AuditList(IReadOnlyList<AuditItem> Data, bool HasMore)
{
    public string Object { get; } = "list";

    public string? FirstId => Data.Count > 0 ? Data[0].Id : null;

    public string? LastId => Data.Count > 0 ? Data[^1].Id : null;
}

/// <summary>One change.</summary>
/// <param name="Id">What <c>after</c> takes.</param>
/// <param name="At">Unix seconds.</param>
/// <param name="Who">The id of a key, <c>admin</c>, <c>this-machine</c> or <c>cli:USER</c>.</param>
/// <param name="What">Such as <c>key.create</c>.</param>
/// <param name="Target">The id of what was changed.</param>
/// <param name="Address">From where; null for the command line.</param>
/// <param name="RequestId">Of the request; null for the command line.</param>
/// <param name="Before">What it was, without secrets.</param>
/// <param name="After">What it became, without secrets.</param>
internal sealed record AuditItem(string Id, long At, string Who, string What, string Target, string? Address, string? RequestId, JsonElement? Before, JsonElement? After);
