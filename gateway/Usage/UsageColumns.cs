using System.Text.Json;

namespace Gateway.Usage;

/// <summary>A column of the table, and where a row has it.</summary>
internal sealed record UsageColumn(string Name, Func<UsageRow, string?>? TextOf, Func<UsageRow, long?>? NumberOf)
{
    /// <summary>All of them, in one order.</summary>
    public static readonly UsageColumn[] All =
    [
        Text(nameof(UsageRow.Id), static row => row.Id),
        Number(nameof(UsageRow.Began), static row => row.Began),
        Text(nameof(UsageRow.KeyId), static row => row.KeyId),
        Text(nameof(UsageRow.KeyName), static row => row.KeyName),
        Text(nameof(UsageRow.Team), static row => row.Team),
        Text(nameof(UsageRow.Model), static row => row.Model),
        Text(nameof(UsageRow.AnsweredModel), static row => row.AnsweredModel),
        Text(nameof(UsageRow.Upstream), static row => row.Upstream),
        Text(nameof(UsageRow.Operation), static row => row.Operation),
        Number(nameof(UsageRow.Stream), static row => row.Stream),
        Text(nameof(UsageRow.Outcome), static row => row.Outcome),
        Number(nameof(UsageRow.Status), static row => row.Status),
        Number(nameof(UsageRow.PromptTokens), static row => row.PromptTokens),
        Number(nameof(UsageRow.CachedTokens), static row => row.CachedTokens),
        Number(nameof(UsageRow.CompletionTokens), static row => row.CompletionTokens),
        Number(nameof(UsageRow.ReasoningTokens), static row => row.ReasoningTokens),
        Number(nameof(UsageRow.Estimated), static row => row.Estimated),
        Number(nameof(UsageRow.Cost), static row => row.Cost),
        Number(nameof(UsageRow.Attempts), static row => row.Attempts),
        Number(nameof(UsageRow.FirstTokenMs), static row => row.FirstTokenMs),
        Number(nameof(UsageRow.DurationMs), static row => row.DurationMs),
        Text(nameof(UsageRow.RequestId), static row => row.RequestId),
        Text(nameof(UsageRow.Owner), static row => row.Owner),
        Number(nameof(UsageRow.Stage), static row => row.Stage),
    ];

    public bool IsText => TextOf is not null;

    private static UsageColumn Text(string property, Func<UsageRow, string?> of) => new(JsonNamingPolicy.SnakeCaseLower.ConvertName(property), of, null);

    private static UsageColumn Number(string property, Func<UsageRow, long?> of) => new(JsonNamingPolicy.SnakeCaseLower.ConvertName(property), null, of);
}
