using System.Net;
using Gateway.Errors;
using Gateway.Keys;
using Gateway.Tests.Doors;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Keys;

/// <summary>What becomes of who tries keys.</summary>
public class WrongKeysTests
{
    private static readonly BruteForceOptions Options = new() { Free = 2, Most = 4, Delay = TimeSpan.FromSeconds(3), Window = TimeSpan.FromMinutes(1) };
    private readonly FakeTimeProvider time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Task NoteAsync(WrongKeys wrong, string address) => wrong.NoteAsync(IPAddress.Parse(address), Options, Cancellation);

    [Fact]
    public async Task The_first_are_refused_at_once_the_next_late_and_then_none_is_looked_at_until_the_window_is_over()
    {
        var wrong = new WrongKeys(time);
        for (var i = 0; i < 2; i++) await NoteAsync(wrong, "203.0.113.7");
        time.Advance(TimeSpan.FromSeconds(20));
        var late = new[] { NoteAsync(wrong, "203.0.113.7"), NoteAsync(wrong, "203.0.113.7") };
        late.ShouldAllBe(task => !task.IsCompleted);

        var refused = (await Should.ThrowAsync<ProblemException>(NoteAsync(wrong, "203.0.113.7"))).Problem;
        (refused.Status, refused.RetryAfter).ShouldBe((429, TimeSpan.FromSeconds(40)));
        NoteAsync(wrong, "203.0.113.8").IsCompletedSuccessfully.ShouldBeTrue();
        time.Advance(Options.Delay);
        await Task.WhenAll(late);

        time.Advance(TimeSpan.FromSeconds(37));
        NoteAsync(wrong, "203.0.113.7").IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public void Of_IPv6_a_network_counts_and_mapped_addresses_are_what_they_map()
    {
        var wrong = new WrongKeys(time);
        foreach (var address in (string[])["2001:db8:1:2::1", "2001:db8:1:2:ffff::2"]) NoteAsync(wrong, address).IsCompletedSuccessfully.ShouldBeTrue();
        NoteAsync(wrong, "2001:db8:1:2::3").IsCompleted.ShouldBeFalse();
        NoteAsync(wrong, "2001:db8:1:3::1").IsCompletedSuccessfully.ShouldBeTrue();

        foreach (var address in (string[])["203.0.113.9", "::ffff:203.0.113.9"]) NoteAsync(wrong, address).IsCompletedSuccessfully.ShouldBeTrue();
        NoteAsync(wrong, "203.0.113.9").IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void Many_addresses_share_a_table_of_fixed_size_and_only_so_many_wait()
    {
        var wrong = new WrongKeys(time, places: 1_024, mostWaiting: 5);
        var outcomes = new Dictionary<string, int>();
        for (var i = 0; i < 20_000; i++)
        {
            var noted = wrong.NoteAsync(new IPAddress(0x0A000000 + i), Options, Cancellation);
            var outcome = noted.IsCompletedSuccessfully ? "at once" : noted.IsFaulted ? "refused" : "late";
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            _ = noted.Exception;
        }

        outcomes["late"].ShouldBe(5);
        outcomes["at once"].ShouldBeInRange(1, 2 * 1_024);
    }

    [Fact]
    public async Task At_the_door_a_right_key_is_answered_beside_a_flood_of_wrong_ones()
    {
        const string Key = "sk-of-team-a-000000000001";
        await using var upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Asking.Plain);
        await using var door = await Door.OpenAsync(new
        {
            Keys = new[] { new { Name = "a", Key } },
            BruteForce = new { Free = 3, Most = 5, Delay = "00:00:00.05" },
            Upstreams = new { u = new { Address = new Uri(upstream.Address, "v1") } },
            Models = new { m = new { Targets = new[] { new { Upstream = "u" } } } },
        });

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 7; i++)
        {
            statuses.Add(await door.StatusAsync($"sk-guess-{i}"));
            (await door.StatusAsync(Key)).ShouldBe(HttpStatusCode.OK);
            (await door.StatusAsync(null)).ShouldBe(HttpStatusCode.Unauthorized); // who brings none tries none
        }

        statuses.ShouldBe([.. Enumerable.Repeat(HttpStatusCode.Unauthorized, 5), .. Enumerable.Repeat(HttpStatusCode.TooManyRequests, 2)]);
        using var refused = await door.ChatAsync("sk-guess", "m");
        ((string?)(await refused.ErrorAsync())["code"]).ShouldBe("rate_limit_exceeded");
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    }
}
