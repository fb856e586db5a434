using System.Collections.Concurrent;
using System.Text;

namespace Gateway.Engine.Text.Vocabulary;

/// <summary>
/// Byte-pair encoding: symbols are joined in the order of the merge list (Sennrich et al., 2016). Symbols form a linked list and candidate
/// joins a heap, so that a piece of n symbols costs n log n however it is made.
/// </summary>
internal sealed class BytePairs : TokenModel
{
    private const int MaxCachedPieces = 1 << 16;
    private const int MaxCachedLength = 48; // longer pieces are rarely words, and seldom seen twice

    private readonly Dictionary<string, int> vocabulary;
    private readonly Dictionary<long, (int Rank, int Id)> merges;
    private readonly BytePairOptions options;
    private readonly int[]? byteIds;
    private readonly ConcurrentDictionary<string, int[]> cache = new();
    private int cached;

    public BytePairs(Dictionary<string, int> vocabulary, Dictionary<long, (int Rank, int Id)> merges, BytePairOptions options)
    {
        (this.vocabulary, this.merges, this.options) = (vocabulary, merges, options);
        if (options.ByteFallback)
            byteIds = [.. Enumerable.Range(0, 256).Select(b => vocabulary.GetValueOrDefault($"<0x{b:X2}>", -1))];
    }

    public override IReadOnlyDictionary<string, int> Vocabulary => vocabulary;

    public static long Pair(int left, int right) => ((long)left << 32) | (uint)right;

    public override void Encode(string piece, List<int> into, IReadOnlySet<int>? banned = null)
    {
        if (piece.Length == 0) return;
        if (options.IgnoreMerges && vocabulary.TryGetValue(piece, out var whole) && banned?.Contains(whole) != true)
        {
            into.Add(whole);
            return;
        }

        if (cache.TryGetValue(piece, out var known))
        {
            into.AddRange(known);
            return;
        }

        var ids = Merge(Symbols(piece));
        if (piece.Length <= MaxCachedLength && Interlocked.Increment(ref cached) <= MaxCachedPieces) cache.TryAdd(piece, ids);
        into.AddRange(ids);
    }

    /// <summary>The piece's characters as ids: its own, or its bytes', or unknown.</summary>
    private List<int> Symbols(string piece)
    {
        var symbols = new List<int>(piece.Length);
        var unknownBefore = false;
        Span<byte> bytes = stackalloc byte[4];
        for (var at = 0; at < piece.Length;)
        {
            var rune = Rune.GetRuneAt(piece, at);
            var text = piece.Substring(at, rune.Utf16SequenceLength);
            var first = at == 0;
            at += text.Length;
            if (!first) text = options.ContinuingPrefix + text;
            if (at == piece.Length) text += options.EndOfWordSuffix;
            if (vocabulary.TryGetValue(text, out var id))
            {
                symbols.Add(id);
                unknownBefore = false;
                continue;
            }

            // All bytes of the character, or none.
            if (byteIds is not null && AllBytes(bytes[..rune.EncodeToUtf8(bytes)], symbols))
            {
                unknownBefore = false;
                continue;
            }

            if (options.Unknown is not { } unknown) continue;
            if (!(options.FuseUnknown && unknownBefore)) symbols.Add(unknown);
            unknownBefore = true;
        }

        return symbols;
    }

    private bool AllBytes(ReadOnlySpan<byte> bytes, List<int> into)
    {
        foreach (var b in bytes)
            if (byteIds![b] < 0) return false;
        foreach (var b in bytes) into.Add(byteIds![b]);
        return true;
    }

    private int[] Merge(List<int> symbols)
    {
        var count = symbols.Count;
        if (count < 2) return [.. symbols];
        var ids = symbols.ToArray();
        var next = new int[count];
        var previous = new int[count];
        var queue = new PriorityQueue<(int Left, int Right, int LeftId, int RightId, int Id), (int Rank, int Left)>();
        for (var i = 0; i < count; i++) (next[i], previous[i]) = (i + 1, i - 1);
        for (var i = 0; i + 1 < count; i++) Offer(i, i + 1);

        while (queue.TryDequeue(out var join, out _))
        {
            // Stale: one of the two was joined to something else meanwhile (a joined-away symbol has id −1).
            if (ids[join.Left] != join.LeftId || ids[join.Right] != join.RightId || next[join.Left] != join.Right) continue;
            ids[join.Left] = join.Id;
            ids[join.Right] = -1;
            var after = next[join.Right];
            next[join.Left] = after;
            if (after < count) previous[after] = join.Left;
            if (previous[join.Left] >= 0) Offer(previous[join.Left], join.Left);
            if (after < count) Offer(join.Left, after);
        }

        var merged = new List<int>(count);
        for (var i = 0; i < count; i = next[i]) merged.Add(ids[i]);
        return [.. merged];

        void Offer(int left, int right)
        {
            if (merges.TryGetValue(Pair(ids[left], ids[right]), out var merge)) queue.Enqueue((left, right, ids[left], ids[right], merge.Id), (merge.Rank, left));
        }
    }
}

/// <summary>The switches of a BPE model in <c>tokenizer.json</c>.</summary>
internal sealed record BytePairOptions(
    int? Unknown, bool FuseUnknown, bool ByteFallback, bool IgnoreMerges, string? ContinuingPrefix, string? EndOfWordSuffix);
