using System.Globalization;
using System.Text.Json;
using Gateway.Errors;

namespace Gateway.Keys.Stored;

/// <summary>What a request says of a key → a draft. A field that is not known is an error: a limit that is misspelt would be none.</summary>
internal static class KeyFields
{
    /// <exception cref="ProblemException">A field is not what it may be.</exception>
    public static void Read(JsonElement body, KeyDraft draft)
    {
        foreach (var field in body.EnumerateObject()) Read(field.Name, field.Value, draft);
        if (draft.Name.Length == 0) throw new ProblemException(Problems.Missing("name"));
    }

    /// <summary>A duration: seconds, or text such as <c>00:00:30</c>.</summary>
    public static TimeSpan Duration(string name, JsonElement value, TimeSpan most)
    {
        var time = value.ValueKind switch
        {
            JsonValueKind.Number when value.TryGetDouble(out var seconds) => seconds is >= 0 and < 1e9 ? TimeSpan.FromSeconds(seconds) : TimeSpan.MinValue,
            JsonValueKind.String when TimeSpan.TryParse(value.GetString(), CultureInfo.InvariantCulture, out var parsed) => parsed,
            _ => throw new ProblemException(Problems.WrongType(name, "seconds, or a time such as '00:00:30'", Problems.KindOf(value))),
        };
        return time >= TimeSpan.Zero && time <= most ? time : throw new ProblemException(Problems.Invalid(name, $"it must be from zero to {most}."));
    }

    private static void Read(string name, JsonElement value, KeyDraft draft)
    {
        var limits = draft.Limits;
        switch (name)
        {
            case "name": draft.Name = Text(name, value) ?? throw new ProblemException(Problems.Missing(name)); break;
            case "team": draft.Team = Text(name, value); break;
            case "scopes": draft.Scopes = Scopes(value); break;
            case "models": draft.Models = List(name, value); break;
            case "disabled": draft.Disabled = value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw new ProblemException(Problems.WrongType(name, "a boolean", Problems.KindOf(value))); break;
            case "expires_at" or "expires": draft.Expires = Date(name, value); break;
            case "requests_per_minute": draft.Limits = limits with { RequestsPerMinute = (int?)Whole(name, value, int.MaxValue) }; break;
            case "requests_per_day": draft.Limits = limits with { RequestsPerDay = (int?)Whole(name, value, int.MaxValue) }; break;
            case "tokens_per_minute": draft.Limits = limits with { TokensPerMinute = Whole(name, value, KeyRules.MostTokens) }; break;
            case "tokens_per_day": draft.Limits = limits with { TokensPerDay = Whole(name, value, KeyRules.MostTokens) }; break;
            case "max_concurrent": draft.Limits = limits with { MaxConcurrent = (int?)Whole(name, value, int.MaxValue) }; break;
            case "queue_timeout": draft.Limits = limits with { QueueTimeout = value.ValueKind == JsonValueKind.Null ? TimeSpan.Zero : Duration(name, value, KeyRules.LongestQueueTimeout) }; break;
            case "priority": draft.Limits = limits with { Priority = value.ValueKind == JsonValueKind.Null ? 0 : (int)Number(name, value, int.MinValue, int.MaxValue) }; break;
            case "budget_per_day": draft.Limits = limits with { BudgetPerDay = Money(name, value) }; break;
            case "budget_per_month": draft.Limits = limits with { BudgetPerMonth = Money(name, value) }; break;
            default: throw new ProblemException(Problems.UnknownParameter(Problems.Brief(name)));
        }
    }

    private static string? Text(string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind != JsonValueKind.String) throw new ProblemException(Problems.WrongType(name, "a string", Problems.KindOf(value)));
        var text = value.GetString()!.Trim();
        if (text.Length == 0 || text.Any(char.IsControl)) throw new ProblemException(Problems.Invalid(name, "it must hold text, and no control characters."));
        return text.Length <= KeyRules.MaxNameLength ? text : throw new ProblemException(Problems.TextTooLong(name, KeyRules.MaxNameLength, text.Length));
    }

    private static List<string> List(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array) throw new ProblemException(Problems.WrongType(name, "an array of strings", Problems.KindOf(value)));
        var list = value.EnumerateArray().Select((item, at) => Text($"{name}[{at}]", item) ?? throw new ProblemException(Problems.WrongType($"{name}[{at}]", "a string", "null"))).ToList();
        return list.Count is > 0 and <= KeyRules.MaxModels ? list : throw new ProblemException(Problems.Invalid(name, $"it must name from one to {KeyRules.MaxModels}."));
    }

    private static List<string> Scopes(JsonElement value)
    {
        var scopes = List("scopes", value);
        foreach (var (at, scope) in scopes.Index())
            if (!ScopeNames.TryParse(scope, out _)) throw new ProblemException(Problems.NotOneOf($"scopes[{at}]", scope, ScopeNames.All));
        return scopes;
    }

    private static DateTimeOffset? Date(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Number when value.TryGetInt64(out var seconds) && seconds is >= 0 and <= KeyRules.LatestSecond => DateTimeOffset.FromUnixTimeSeconds(seconds),
        JsonValueKind.String when DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) => date,
        _ => throw new ProblemException(Problems.Invalid(name, "it must be Unix seconds, or a date such as '2027-01-31T00:00:00Z'.")),
    };

    private static long? Whole(string name, JsonElement value, long most) => value.ValueKind == JsonValueKind.Null ? null : Number(name, value, 0, most);

    private static long Number(string name, JsonElement value, long least, long most)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number)) throw new ProblemException(Problems.WrongType(name, "an integer", Problems.KindOf(value)));
        return number >= least && number <= most ? number : throw new ProblemException(Problems.OutOfRange(name, least, most, number));
    }

    private static decimal? Money(string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDecimal(out var money)) throw new ProblemException(Problems.WrongType(name, "a number", Problems.KindOf(value)));
        return money is >= 0 and <= Policies.Money.Largest ? money : throw new ProblemException(Problems.Invalid(name, $"it must be from zero to {Policies.Money.Largest}."));
    }
}
