using CsCheck;
using Gateway.Policies;

namespace Gateway.Tests.Policies;

public class FairQueueTests
{
    private static readonly HashSet<string> Nobody = [];

    [Fact]
    public void A_key_with_a_thousand_in_line_holds_up_another_by_one()
    {
        var queue = new FairQueue<string>();
        for (var i = 0; i < 1_000; i++) queue.Add("greedy", 0, $"greedy {i}");
        queue.Add("modest", 0, "modest 0");
        queue.Add("modest", 0, "modest 1");

        Served(queue, 5).ShouldBe(["greedy 0", "modest 0", "greedy 1", "modest 1", "greedy 2"]);
    }

    [Fact]
    public void Higher_priorities_are_served_first_and_a_full_key_is_passed_over()
    {
        var queue = new FairQueue<string>();
        queue.Add("a", 0, "low");
        queue.Add("b", 5, "high of b");
        queue.Add("c", 5, "high of c");

        queue.Next(new HashSet<string> { "b" }).ShouldBe("high of c");
        queue.Next(new HashSet<string> { "b", "c" }).ShouldBe("low");
        queue.Next(new HashSet<string> { "a", "b", "c" }).ShouldBeNull();
        Served(queue, 3).ShouldBe(["high of b", "high of c", "low"]);
        queue.Next(Nobody).ShouldBeNull();
    }

    [Fact]
    public void Whoever_waits_is_served_after_at_most_one_of_each_other_key() =>
        Gen.Select(Gen.Int[2, 6], Gen.Int[0, 5].Array[1, 120], Gen.Int[0, 3].Array[1, 60]).Sample((keys, adds, leaves) =>
        {
            var queue = new FairQueue<string>();
            var left = new Dictionary<string, int>();
            foreach (var (i, add) in adds.Index())
            {
                queue.Add($"k{add % keys}", 0, $"k{add % keys} {i}");
                left[$"k{add % keys}"] = left.GetValueOrDefault($"k{add % keys}") + 1;
            }

            foreach (var leave in leaves)
                if (leave == 0 && queue.Next(Nobody) is { } first)
                {
                    queue.Remove(first);
                    left[first.Split(' ')[0]]--;
                }

            var waits = new Dictionary<string, int>();
            while (queue.Next(Nobody) is { } next)
            {
                queue.Served(next);
                var key = next.Split(' ')[0];
                waits[key] = 0;
                left[key]--;
                foreach (var (other, more) in left)
                    if (other != key && more > 0 && (waits[other] = waits.GetValueOrDefault(other) + 1) > keys) return false;
            }

            return queue.Count == 0;
        });

    private static List<string> Served(FairQueue<string> queue, int count)
    {
        var served = new List<string>();
        while (served.Count < count && queue.Next(Nobody) is { } next)
        {
            served.Add(next);
            queue.Served(next);
        }

        return served;
    }
}
