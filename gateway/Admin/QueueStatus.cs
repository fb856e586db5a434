namespace Gateway.Admin;

/// <summary>The answer of <c>GET /admin/v1/queues</c>: of this gateway's calls.</summary>
/// <param name="Running">Calls that run now, of all keys.</param>
/// <param name="Waiting">Calls that wait for a place among them.</param>
/// <param name="Data">Keys and teams that have any, those with most waiting first.</param>
/// <param name="HasMore">Whether there are more than are shown.</param>
internal sealed record QueueList(int Running, int Waiting, IReadOnlyList<QueueStatus> Data, bool HasMore)
{
    public string Object { get; } = "list";
}

/// <summary>How a key, or a team's keys together, stand.</summary>
/// <param name="Kind"><c>key</c> or <c>team</c>.</param>
/// <param name="Id">The key's id, or the team's name.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Team">Of a key, its team; null where it has none.</param>
/// <param name="Running">Calls that run now.</param>
/// <param name="MaxConcurrent">Most of them; null for no bound.</param>
/// <param name="Waiting">Calls that wait.</param>
/// <param name="Priority">The highest of those that wait; null where none does.</param>
/// <param name="OldestWaitSeconds">How long the first of them has waited; null where none does.</param>
/// <param name="HeldBy">What they wait for; null where none does.</param>
internal sealed record QueueStatus(
    string Kind, string Id, string Name, string? Team, int Running, int? MaxConcurrent, int Waiting, int? Priority, double? OldestWaitSeconds, HeldBy? HeldBy);

/// <summary>The bound that holds the oldest of a line.</summary>
/// <param name="Bound">As settings call it.</param>
/// <param name="Owner"><c>key</c> or <c>team</c>: whose bound it is.</param>
/// <param name="Name">The key's name, or the team's.</param>
/// <param name="Limit">How many may run.</param>
internal sealed record HeldBy(string Bound, string Owner, string Name, int? Limit);
