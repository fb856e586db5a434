using Gateway.Calls;
using Gateway.Policies;
using Gateway.Usage;

namespace Gateway.Admin;

/// <summary>Who runs and who waits in this gateway, by key and by team, put together when somebody asks.</summary>
internal sealed class Queues(UsageJournal journal, WaitingRoom room, TimeProvider time)
{
    public QueueList Now(int most)
    {
        var (running, waiting) = (journal.Calls(), room.Waiting());
        var keys = Standing("key", running, waiting, static call => (call.Caller.Id, call.Caller.Name, call.Caller.Team, call.Caller.Limits), static ask => (ask.Key.Id, ask.KeyName, ask.TeamName, ask.Key.Limits));
        var teams = Standing("team",
            running.Where(static call => call.Caller.Team is not null), waiting.Where(static call => call.Ask.TeamName is not null),
            static call => (call.Caller.Team!, call.Caller.Team!, null, call.Caller.TeamLimits), static ask => (ask.TeamName!, ask.TeamName!, null, ask.Team?.Limits ?? CallerLimits.None));
        var all = keys.Concat(teams).OrderByDescending(static one => one.Waiting).ThenByDescending(static one => one.Running).ThenBy(static one => one.Kind, StringComparer.Ordinal).ThenBy(static one => one.Name, StringComparer.Ordinal).ToList();
        return new QueueList(running.Count, waiting.Count, all.Count > most ? all[..most] : all, all.Count > most);
    }

    private IEnumerable<QueueStatus> Standing(
        string kind, IEnumerable<Call> running, IEnumerable<WaitingCall> waiting,
        Func<Call, (string Id, string Name, string? Team, CallerLimits Limits)> ofCall, Func<Ask, (string Id, string Name, string? Team, CallerLimits Limits)> ofAsk)
    {
        var work = running.Select(ofCall).GroupBy(static who => who.Id, StringComparer.Ordinal).ToDictionary(static group => group.Key, static group => (Who: group.Last(), Count: group.Count()), StringComparer.Ordinal);
        var lines = waiting.Select(call => (Call: call, Who: ofAsk(call.Ask))).GroupBy(static entry => entry.Who.Id, StringComparer.Ordinal).ToDictionary(static group => group.Key, StringComparer.Ordinal);
        foreach (var id in work.Keys.Union(lines.Keys, StringComparer.Ordinal))
        {
            var runs = work.GetValueOrDefault(id);
            var line = lines.GetValueOrDefault(id);
            var (_, name, team, limits) = line?.Last().Who ?? runs.Who;
            var oldest = line?.MinBy(static entry => entry.Call.Since).Call;
            yield return new QueueStatus(
                kind, id, name, team, runs.Count, limits.MaxConcurrent, line?.Count() ?? 0, line?.Max(static entry => entry.Call.Priority),
                oldest is null ? null : Math.Round(time.GetElapsedTime(oldest.Since).TotalSeconds, 3), oldest is null ? null : Held(oldest));
        }
    }

    private static HeldBy Held(WaitingCall call) => call.KeyIsFull
        ? new HeldBy(RefusalWords.MaxConcurrent, "key", call.Ask.KeyName, call.Ask.Key.Limits.MaxConcurrent)
        : new HeldBy(RefusalWords.MaxConcurrent, "team", call.Ask.Team!.Value.Id, call.Ask.Team.Value.Limits.MaxConcurrent);
}
