using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Gateway.Pulling;

/// <summary>What a hub's refusals mean for the one who pulls.</summary>
internal static partial class HubAnswers
{
    /// <summary>Does nothing for a success.</summary>
    /// <exception cref="PullException">It will not help to ask again.</exception>
    /// <exception cref="PassingException">It may help.</exception>
    public static void Check(HttpResponseMessage answer, Uri asked, ModelReference model, string? file, bool hasToken, TimeProvider time)
    {
        if (answer.IsSuccessStatusCode) return;
        var status = (int)answer.StatusCode;
        var what = file is null ? $"{model.Repository}@{model.Revision}" : $"{model.Repository}: {file}";
        var token = hasToken ? "the token in HF_TOKEN does not give access to it" : "set HF_TOKEN to a token that has access, if it is private or gated";
        throw (answer.StatusCode, Header(answer, "X-Error-Code")) switch
        {
            (_, "GatedRepo") => new PullException($"{what} is gated: accept its terms on {asked.Host}, and {(hasToken ? "use that account's token in HF_TOKEN" : "set HF_TOKEN to that account's token")}"),
            (_, "RevisionNotFound") => new PullException($"{model.Repository} has no revision '{model.Revision}'"),
            (_, "EntryNotFound") => new PullException($"{what} is not there"),
            (HttpStatusCode.Unauthorized, _) => new PullException($"{asked.Host} does not know {what}, or does not show it to everyone (401): {token}"),
            (HttpStatusCode.Forbidden, _) => new PullException($"{asked.Host} does not give {what} (403): {token}"),
            (HttpStatusCode.NotFound, _) => new PullException($"{asked.Host} has no {what} (404)"),
            (HttpStatusCode.TooManyRequests, _) => new PassingException($"{asked.Host} is asked too often (429)", Wait(answer, time)),
            (HttpStatusCode.RequestTimeout, _) or ( >= HttpStatusCode.InternalServerError, _) => new PassingException($"{asked.Host} cannot answer now ({status})", Wait(answer, time)),
            _ => new PullException($"{asked.Host} answered {status} when asked for {what}"),
        };
    }

    /// <summary>The first value of a header, or null.</summary>
    public static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static TimeSpan? Wait(HttpResponseMessage answer, TimeProvider time)
    {
        if (answer.Headers.RetryAfter?.Delta is { } delta) return delta;
        if (answer.Headers.RetryAfter?.Date is { } date) return date > time.GetUtcNow() ? date - time.GetUtcNow() : TimeSpan.Zero;
        // The draft of a standard that the hub sends instead: "resolvers";r=0;t=55
        return Header(answer, "RateLimit") is { } limit && Seconds().Match(limit) is { Success: true } match ? TimeSpan.FromSeconds(int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)) : null;
    }

    [GeneratedRegex(@";\s*t=(\d{1,6})\b", RegexOptions.ECMAScript)]
    private static partial Regex Seconds();
}
