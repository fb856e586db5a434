namespace Gateway.Policies;

/// <summary>Whose use is counted: a key's, or that of a team's keys together.</summary>
internal readonly record struct Owner(string Id, bool IsTeam, CallerLimits Limits)
{
    /// <summary>As error texts call it.</summary>
    public string Shown => IsTeam ? $"team {Id}" : "this key";
}
