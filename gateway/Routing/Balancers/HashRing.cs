using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gateway.Routing.Balancers;

/// <summary>
/// Which targets a conversation would be at, nearest first, without a look at all of them. Each target has points on a circle of 64 bits;
/// a conversation probes the circle at a few places (multi-probe consistent hashing, Appleton and O'Reilly, 2015) and its score with a target is the
/// least way from a probe to a point, over the weight. A score is between those two alone, so a target that comes or goes moves
/// only its own conversations. Immutable.
/// </summary>
internal sealed class HashRing
{
    private const int Points = 16; // of each target
    private const int Probes = 4; // both together: shares are within 1 / √(3 · 16 · 4) = 7 % of the weights

    private readonly (ulong At, Target Target)[] ring;
    private readonly int[] starts; // by the highest bits of a place: the first point that is not before them
    private readonly int shift;

    public HashRing(Target[] targets)
    {
        Heaviest = targets.Max(static target => target.Weight);
        ring = [.. targets.SelectMany(static target => Enumerable.Range(0, Points).Select(point => (StableHash.Mix(target.Hash + ((ulong)point * 0x9E3779B97F4A7C15UL)), target))).OrderBy(static point => point.Item1)];
        var bits = BitOperations.Log2((uint)ring.Length) + 1;
        shift = 64 - bits;
        starts = new int[1 << bits];
        for (int slot = 0, point = 0; slot < starts.Length; slot++)
        {
            while (point < ring.Length && ring[point].At < (ulong)slot << shift) point++;
            starts[slot] = point;
        }
    }

    /// <summary>The highest weight: no target's score is less than a way over it.</summary>
    public double Heaviest { get; }

    /// <summary>Begins at a conversation's probes.</summary>
    public Walk From(ulong prefix) => new(this, prefix);

    private int FirstFrom(ulong place)
    {
        var point = starts[place >> shift];
        while (point < ring.Length && ring[point].At < place) point++;
        return point == ring.Length ? 0 : point;
    }

    /// <summary>Points by their way from the nearest probe before them. Not to be walked for longer than the ring is.</summary>
    public ref struct Walk
    {
        private readonly HashRing of;
        private Four<ulong> probes;
        private Four<ulong> ways; // of each probe's next point
        private Four<int> points;

        internal Walk(HashRing of, ulong prefix)
        {
            this.of = of;
            for (var probe = 0; probe < Probes; probe++)
            {
                probes[probe] = StableHash.Mix(prefix + ((ulong)probe * 0x9E3779B97F4A7C15UL));
                points[probe] = of.FirstFrom(probes[probe]);
                ways[probe] = of.ring[points[probe]].At - probes[probe];
            }
        }

        /// <summary>The next point's target, and the way to it.</summary>
        public Target Next(out double way)
        {
            var nearest = 0;
            for (var probe = 1; probe < Probes; probe++)
                if (ways[probe] < ways[nearest]) nearest = probe;
            way = ways[nearest];
            var target = of.ring[points[nearest]].Target;
            points[nearest] = points[nearest] + 1 == of.ring.Length ? 0 : points[nearest] + 1;
            ways[nearest] = of.ring[points[nearest]].At - probes[nearest];
            return target;
        }
    }

    [InlineArray(Probes)]
    private struct Four<T>
    {
        private T first;
    }
}
