using System.Globalization;
using Gateway.Configuration;
using Gateway.Keys;

namespace Gateway.Tests.Keys;

public class KeyCacheTests
{
    private static readonly GatewayOptions Options = new();

    private static KeyHash Hash(int i) => KeyHash.Of(i.ToString(CultureInfo.InvariantCulture));

    private static KeyCache.Entry Entry(int i) => new(new KnownKey(new Caller { Id = $"key_{i}", Name = "", Scopes = Scopes.Inference }, null), Options);

    private static bool Knows(KeyCache cache, int i) => cache.Find(Hash(i), Options) is not null;

    [Fact]
    public void It_holds_two_generations_and_what_calls_again_stays()
    {
        var cache = new KeyCache(size: 100);
        for (var i = 0; i < 1_000; i++)
        {
            cache.Add(Hash(i), Entry(i), cache.Generation);
            Knows(cache, 0).ShouldBeTrue($"after {i}");
        }

        Enumerable.Range(0, 1_000).Count(i => Knows(cache, i)).ShouldBeInRange(100, 200);
        Knows(cache, 999).ShouldBeTrue();
    }

    [Fact]
    public void What_is_forgotten_is_gone_from_both_generations()
    {
        var cache = new KeyCache(size: 10);
        for (var i = 0; i < 15; i++) cache.Add(Hash(i), Entry(i), cache.Generation);

        cache.Forget(new HashSet<string> { "key_2", "key_12" });

        (Knows(cache, 2), Knows(cache, 12), Knows(cache, 3), Knows(cache, 13)).ShouldBe((false, false, true, true));
    }

    [Fact]
    public void An_answer_that_is_older_than_a_change_is_not_kept()
    {
        var cache = new KeyCache();
        var before = cache.Generation; // the database is asked, and says what was true then
        cache.Forget(new HashSet<string> { "key_1" });

        cache.Add(Hash(1), Entry(1), before);

        Knows(cache, 1).ShouldBeFalse();
    }

    [Fact]
    public void Other_settings_make_other_callers()
    {
        var cache = new KeyCache();
        cache.Add(Hash(1), Entry(1), cache.Generation);

        cache.Find(Hash(1), new GatewayOptions()).ShouldBeNull();
    }

    [Fact]
    public async Task No_change_is_missed_by_those_who_call_meanwhile()
    {
        var cache = new KeyCache(size: 8);
        var disabled = 0;
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                for (var i = 0; i < 32; i++)
                {
                    if (Knows(cache, i)) continue;
                    var before = cache.Generation;
                    if (i >= Volatile.Read(ref disabled)) cache.Add(Hash(i), Entry(i), before); // what the database says now
                }
        })).ToList();

        for (var i = 0; i < 32; i++)
        {
            Volatile.Write(ref disabled, i + 1);
            cache.Forget(new HashSet<string> { $"key_{i}" });
            for (var look = 0; look < 200; look++) Knows(cache, i).ShouldBeFalse($"key_{i}");
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers);
    }
}
