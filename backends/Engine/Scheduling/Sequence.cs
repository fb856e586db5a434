using Gateway.Engine.Cache;
using Gateway.Engine.Runner;

namespace Gateway.Engine.Scheduling;

/// <summary>Tokens being generated: what is known, what is computed, and the cache blocks that hold it. Owned by the engine's thread.</summary>
public class Sequence
{
    private int[] tokens;
    private int[] blocks = [];
    private int blockCount;

    /// <param name="id">Unique while the sequence lives.</param>
    /// <param name="prompt">At least one token.</param>
    /// <param name="maxNewTokens">Most tokens to append.</param>
    /// <param name="scoresPrompt">Whether a row of logits is wanted for every prompt token.</param>
    public Sequence(long id, ReadOnlySpan<int> prompt, int maxNewTokens, bool scoresPrompt = false)
    {
        ArgumentOutOfRangeException.ThrowIfZero(prompt.Length);
        (Id, MaxNewTokens, ScoresPrompt) = (id, maxNewTokens, scoresPrompt);
        tokens = prompt.ToArray();
        PromptLength = Known = Reach = prompt.Length;
    }

    /// <summary>Unique while the sequence lives.</summary>
    public long Id { get; }

    /// <summary>Tokens that were given.</summary>
    public int PromptLength { get; }

    /// <summary>Most tokens to append.</summary>
    public int MaxNewTokens { get; }

    /// <summary>Whether a row of logits is wanted for every prompt token.</summary>
    public bool ScoresPrompt { get; }

    /// <summary>Prompt positions whose logits were delivered; a preempted sequence does not deliver them twice.</summary>
    public int ScoredPositions { get; set; }

    /// <summary>Tokens of prompt and answer so far.</summary>
    public int Known { get; private set; }

    /// <summary>Tokens whose keys and values are in the cache.</summary>
    public int Computed { get; internal set; }

    /// <summary>Length by which its positions are scaled, where they are: that of the prompt, or of all that was known when it began again.</summary>
    public int Reach { get; private set; }

    /// <summary>Prompt tokens that were found in the cache when the sequence first ran.</summary>
    public int CachedTokens { get; internal set; }

    /// <summary>Tokens appended so far.</summary>
    public int Generated => Known - PromptLength;

    /// <summary>All known tokens.</summary>
    public ReadOnlyMemory<int> Tokens => tokens.AsMemory(0, Known);

    /// <summary>Its blocks in order.</summary>
    public ReadOnlyMemory<int> Blocks => blocks.AsMemory(0, blockCount);

    /// <summary>Where it waits, for removal in constant time; null while it runs.</summary>
    internal LinkedListNode<Sequence>? Waiting { get; set; }

    /// <summary>Whether it ever ran.</summary>
    internal bool Started { get; set; }

    /// <summary>Names of its full blocks, as far as they were needed.</summary>
    internal List<BlockHash> Names { get; } = [];

    /// <summary>Full blocks that were published, or found.</summary>
    internal int Published { get; set; }

    /// <summary>The next token is known.</summary>
    public void Append(int token)
    {
        if (Known == tokens.Length) Array.Resize(ref tokens, Math.Max(16, tokens.Length * 2));
        tokens[Known++] = token;
    }

    /// <summary>The name of full block <paramref name="index"/>; its tokens are known.</summary>
    internal BlockHash NameOf(int index, int blockSize, LengthScaling? scaling = null)
    {
        while (Names.Count <= index)
            Names.Add(BlockHash.Of(Names.Count == 0 ? Root(scaling) : Names[^1], tokens.AsSpan(Names.Count * blockSize, blockSize)));
        return Names[index];
    }

    /// <summary>Everything computed so far was scaled for a shorter sequence.</summary>
    internal void StartAgain(KvBlocks owner)
    {
        ReleaseBlocks(owner);
        Names.Clear();
        Reach = Known;
    }

    /// <summary>Keys that are scaled for another length are other keys: their names begin differently.</summary>
    private BlockHash Root(LengthScaling? scaling) =>
        scaling is null || Reach <= scaling.Past ? default : new BlockHash(ulong.MaxValue, scaling.Restarts ? 1 : (ulong)Reach);

    internal void AddBlock(int block)
    {
        if (blockCount == blocks.Length) Array.Resize(ref blocks, Math.Max(8, blocks.Length * 2));
        blocks[blockCount++] = block;
    }

    /// <summary>Forgets the blocks; the last first, so that the beginning of a prompt stays findable longest.</summary>
    internal void ReleaseBlocks(KvBlocks owner)
    {
        while (blockCount > 0) owner.Release(blocks[--blockCount]);
        (Computed, Published) = (0, 0);
    }
}
