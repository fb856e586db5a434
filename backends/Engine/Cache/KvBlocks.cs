namespace Gateway.Engine.Cache;

/// <summary>
/// Who owns which block of the cache: ids, reference counts and the names of full blocks, never a tensor. A block that nobody owns stays
/// findable by its name until it is needed for something else; the longest unused goes first. One owner thread.
/// </summary>
public sealed class KvBlocks
{
    private const int End = -1;
    private readonly int[] references;
    private readonly BlockHash?[] names;
    private readonly Dictionary<BlockHash, int> byName = [];

    // The blocks that nobody owns, as a doubly linked list from the first to be given out to the last.
    private readonly int[] next;
    private readonly int[] previous;
    private int head = End;
    private int tail = End;

    /// <param name="count">Blocks, ids 0 to count − 1.</param>
    /// <param name="size">Positions in a block.</param>
    public KvBlocks(int count, int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        (Count, Size) = (count, size);
        references = new int[count];
        names = new BlockHash?[count];
        next = new int[count];
        previous = new int[count];
        for (var block = 0; block < count; block++) AddLast(block);
    }

    /// <summary>All blocks.</summary>
    public int Count { get; }

    /// <summary>Positions in a block.</summary>
    public int Size { get; }

    /// <summary>Blocks that nobody owns, findable or not.</summary>
    public int Free { get; private set; }

    /// <summary>Blocks that so many positions need.</summary>
    public int BlocksFor(int positions) => (positions + Size - 1) / Size;

    /// <summary>Takes a block that nobody owns; its old content is no longer findable. False when there is none.</summary>
    public bool TryTake(out int block)
    {
        block = head;
        if (block == End) return false;
        Remove(block);
        if (names[block] is { } name)
        {
            byName.Remove(name);
            names[block] = null;
        }

        references[block] = 1;
        return true;
    }

    /// <summary>Finds the block of a name and becomes one of its owners.</summary>
    public bool TryShare(BlockHash name, out int block)
    {
        if (!byName.TryGetValue(name, out block)) return false;
        if (references[block]++ == 0) Remove(block);
        return true;
    }

    /// <summary>Whether a block of this name can be found, without becoming an owner.</summary>
    public bool Holds(BlockHash name) => byName.ContainsKey(name);

    /// <summary>The block is full and holds what <paramref name="name"/> says. The first block of a name stays the one that is found.</summary>
    public void Publish(int block, BlockHash name)
    {
        if (names[block] is null && byName.TryAdd(name, block)) names[block] = name;
    }

    /// <summary>Gives up one ownership.</summary>
    public void Release(int block)
    {
        if (references[block] <= 0) throw new InvalidOperationException($"Block {block} has no owner.");
        if (--references[block] > 0) return;
        if (names[block] is null) AddFirst(block);
        else AddLast(block);
    }

    /// <summary>Owners of a block.</summary>
    public int References(int block) => references[block];

    private void AddFirst(int block)
    {
        (next[block], previous[block]) = (head, End);
        if (head == End) tail = block;
        else previous[head] = block;
        head = block;
        Free++;
    }

    private void AddLast(int block)
    {
        (next[block], previous[block]) = (End, tail);
        if (tail == End) head = block;
        else next[tail] = block;
        tail = block;
        Free++;
    }

    private void Remove(int block)
    {
        if (previous[block] == End) head = next[block];
        else next[previous[block]] = next[block];
        if (next[block] == End) tail = previous[block];
        else previous[next[block]] = previous[block];
        Free--;
    }
}
