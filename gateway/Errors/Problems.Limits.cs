using System.Globalization;
using Gateway.Policies;
using Gateway.Protocol;

namespace Gateway.Errors;

/// <summary>Of limits and budgets.</summary>
public static partial class Problems
{
    /// <summary>Nobody can tell whether the call may proceed, and the settings say that it may not then.</summary>
    public static Problem LimitsUnavailable() => new(503, ApiError.Server("The server cannot count calls now, and takes none until it can.", "limits_unavailable")) { RetryAfter = TimeSpan.FromSeconds(1) };

    internal static Problem LimitReached(string model, Refusal refusal)
    {
        if (refusal.Bound is Bound.BudgetPerDay or Bound.BudgetPerMonth) return BudgetSpent(refusal);
        var (kind, unit) = refusal.Bound switch
        {
            Bound.RequestsPerMinute => ("requests", "requests per min (RPM)"),
            Bound.RequestsPerDay => ("requests", "requests per day (RPD)"),
            Bound.TokensPerMinute => ("tokens", "tokens per min (TPM)"),
            Bound.TokensPerDay => ("tokens", "tokens per day (TPD)"),
            _ => ("requests", "concurrent requests"),
        };
        var at = string.Create(CultureInfo.InvariantCulture, $"for `{model}` of {refusal.Owner.Shown} on {unit}: Limit {refusal.Limit}, ");
        return kind == "tokens" && refusal.Requested > refusal.Limit
            ? new(429, Limited(string.Create(CultureInfo.InvariantCulture, $"Request too large {at}Requested {refusal.Requested}. The prompt or the tokens asked for must be reduced."), kind, "rate_limit_exceeded")) { RetryAfter = TimeSpan.FromMinutes(1), ShouldRetry = false }
            : new(429, Limited(string.Create(CultureInfo.InvariantCulture, $"Rate limit reached {at}Used {refusal.Used}, Requested {refusal.Requested}. Please try again in {GoDuration.Text(refusal.Wait)}."), kind, "rate_limit_exceeded")) { RetryAfter = refusal.Wait };
    }

    private static Problem BudgetSpent(Refusal refusal) => new(429, Limited(
        string.Create(CultureInfo.InvariantCulture, $"You exceeded your current quota: the {(refusal.Bound == Bound.BudgetPerDay ? "day" : "month")}'s budget of {refusal.Owner.Shown} is {Money.Of(refusal.Limit)}, of which {Money.Of(refusal.Used)} is spent or reserved, and this request may cost {Money.Of(refusal.Requested)}."),
        "insufficient_quota", "insufficient_quota"))
    { RetryAfter = refusal.Wait, ShouldRetry = false };

    private static ApiError Limited(string message, string type, string code) => new(new ApiErrorBody(message, type, null, code));
}
