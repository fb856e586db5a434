using System.Data.Common;
using Gateway.Policies;

namespace Gateway.Usage.Reading;

/// <summary>What calls used together.</summary>
internal sealed record Sums(long Calls, long Prompt, long Cached, long Completion, long Reasoning, long Estimated, decimal Cost)
{
    /// <summary>PostgreSQL's sums are wider than what they sum.</summary>
    public const string Columns =
        "COUNT(*), CAST(SUM(prompt_tokens) AS BIGINT), CAST(SUM(cached_tokens) AS BIGINT), CAST(SUM(completion_tokens) AS BIGINT), CAST(SUM(reasoning_tokens) AS BIGINT), CAST(SUM(estimated) AS BIGINT), CAST(SUM(cost) AS BIGINT)";

    /// <param name="row">Which has <see cref="Columns"/>.</param>
    /// <param name="at">Where they begin.</param>
    public static Sums Of(DbDataReader row, int at) =>
        new(row.GetInt64(at), row.GetInt64(at + 1), row.GetInt64(at + 2), row.GetInt64(at + 3), row.GetInt64(at + 4), row.GetInt64(at + 5), Money.Of(row.GetInt64(at + 6)));
}
