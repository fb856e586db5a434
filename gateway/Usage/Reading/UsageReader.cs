using System.Data.Common;
using Gateway.Errors;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Usage.Reading;

/// <summary>Asks the table on a caller's behalf, who sees what this process has written until now.</summary>
internal sealed class UsageReader(UsageStore store, UsageJournal journal, ILogger<UsageReader> logger)
{
    private static readonly string Columns = string.Join(", ", UsageColumn.All.Select(static column => column.Name));

    /// <summary>Rows, the newest first.</summary>
    public Task<List<UsageRow>> RowsAsync(Filter filter, int most, CancellationToken cancellation) =>
        AskAsync($"SELECT {Columns} FROM usage WHERE {filter} ORDER BY began DESC, id DESC LIMIT {filter.Add((long)most)}", filter, Row, cancellation);

    /// <summary>Sums by what they are grouped by, in the order of that.</summary>
    /// <param name="filter">Of which rows.</param>
    /// <param name="groups">Expressions of ours.</param>
    /// <param name="most">How many; null for all.</param>
    /// <param name="skipped">Of those, the first that are not asked for.</param>
    /// <param name="cancellation">The client's.</param>
    public Task<List<(object?[] Group, Sums Sums)>> SumsAsync(Filter filter, IReadOnlyList<string> groups, int? most, long skipped, CancellationToken cancellation)
    {
        var places = string.Join(", ", Enumerable.Range(1, groups.Count));
        var limit = most is { } some ? $" LIMIT {filter.Add((long)some)} OFFSET {filter.Add(skipped)}" : "";
        return AskAsync($"SELECT {string.Concat(groups.Select(static group => group + ", "))}{Sums.Columns} FROM usage WHERE {filter} GROUP BY {places} ORDER BY {places}{limit}", filter, row => (Group(row, groups.Count), Sums.Of(row, groups.Count)), cancellation);
    }

    private static object?[] Group(DbDataReader row, int count)
    {
        var group = new object?[count];
        for (var i = 0; i < count; i++) group[i] = row.IsDBNull(i) ? null : row.GetValue(i);
        return group;
    }

    private static UsageRow Row(DbDataReader row)
    {
        var at = 0;
        return new UsageRow
        {
            Id = row.GetString(at++),
            Began = row.GetInt64(at++),
            KeyId = row.GetString(at++),
            KeyName = row.GetString(at++),
            Team = Text(at++),
            Model = row.GetString(at++),
            AnsweredModel = row.GetString(at++),
            Upstream = Text(at++),
            Operation = row.GetString(at++),
            Stream = row.GetInt64(at++),
            Outcome = row.GetString(at++),
            Status = row.GetInt64(at++),
            PromptTokens = row.GetInt64(at++),
            CachedTokens = row.GetInt64(at++),
            CompletionTokens = row.GetInt64(at++),
            ReasoningTokens = row.GetInt64(at++),
            Estimated = row.GetInt64(at++),
            Cost = row.GetInt64(at++),
            Attempts = row.GetInt64(at++),
            FirstTokenMs = row.IsDBNull(at) ? null : row.GetInt64(at),
            DurationMs = row.GetInt64(at + 1),
            RequestId = row.GetString(at + 2),
            Owner = Text(at + 3),
            Stage = row.GetInt64(at + 4),
        };

        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
    }

    private async Task<List<T>> AskAsync<T>(string sql, Filter filter, Func<DbDataReader, T> of, CancellationToken cancellation)
    {
        await journal.FlushAsync(cancellation); // where the database is behind, what it has is shown
        if (!store.MayHoldSomething) return [];
        try
        {
            return await store.ReadAsync(sql, filter.Parameters, of, cancellation);
        }
        catch (Exception e) when (e is DbException or DbUpdateException or InvalidOperationException or TimeoutException or IOException)
        {
            logger.LogError("Usage cannot be read: {Reason}", e.GetBaseException().Message);
            throw new ProblemException(Problems.DatabaseIsAway());
        }
    }
}
