using Gateway.Engine.Text;

namespace Gateway.Engine.Constraints;

/// <summary>
/// All tokens of a vocabulary by their bytes, as a prefix tree in one array: a node's descendants follow it, so that what cannot match is
/// jumped over. Built once per tokenizer; immutable.
/// </summary>
public sealed class TokenTrie
{
    private const int MostBytes = 1024; // of a token; a vocabulary with longer ones keeps them out of grammars

    private readonly byte[] values; // the byte that leads to a node; node 0 is the root
    private readonly int[] ends; // the node after a node's last descendant
    private readonly short[] depths;
    private readonly int[] firstTokens; // of a node; one entry more than nodes
    private readonly int[] tokens; // ordered by their bytes
    private readonly byte[]?[] bytes;

    private TokenTrie(byte[]?[] bytes, int[] special)
    {
        (this.bytes, Special) = (bytes, special);
        var isSpecial = new HashSet<int>(special);
        tokens = [.. Enumerable.Range(0, bytes.Length).Where(id => bytes[id] is { Length: > 0 and <= MostBytes } && !isSpecial.Contains(id))];
        Array.Sort(tokens, (a, b) => bytes[a].AsSpan().SequenceCompareTo(bytes[b]));
        var nodes = new List<(byte Value, short Depth, int FirstToken)> { (0, 0, 0) };
        var before = ReadOnlySpan<byte>.Empty;
        for (var at = 0; at < tokens.Length; at++)
        {
            ReadOnlySpan<byte> token = bytes[tokens[at]];
            LongestToken = Math.Max(LongestToken, token.Length);
            for (var depth = before.CommonPrefixLength(token); depth < token.Length; depth++) nodes.Add((token[depth], (short)(depth + 1), at));
            before = token;
        }

        values = [.. nodes.Select(node => node.Value)];
        depths = [.. nodes.Select(node => node.Depth)];
        // A node was opened by the first token that passes through it, and a prefix sorts before what it begins.
        firstTokens = [.. nodes.Select(node => node.FirstToken), tokens.Length];
        ends = new int[nodes.Count];
        var open = new Stack<int>();
        for (var node = 0; node < ends.Length; node++)
        {
            while (open.TryPeek(out var top) && depths[top] >= depths[node]) ends[open.Pop()] = node;
            open.Push(node);
        }

        while (open.TryPop(out var last)) ends[last] = ends.Length;
    }

    /// <summary>Ids of the tokens, one more than the highest.</summary>
    public int Vocabulary => bytes.Length;

    /// <summary>Length of a mask: one bit for each id.</summary>
    public int MaskWords => (bytes.Length + 63) / 64;

    /// <summary>Bytes of the longest token.</summary>
    public int LongestToken { get; }

    /// <summary>Special tokens, which stand only where no grammar governs.</summary>
    internal int[] Special { get; }

    internal int Nodes => values.Length;

    /// <summary>The tree of a tokenizer's tokens.</summary>
    /// <param name="tokenizer">Whose tokens.</param>
    /// <param name="vocabulary">Width of a row of logits; ids beyond the tokenizer's are never allowed.</param>
    /// <param name="written">Special tokens that a grammar may ask for by their text, such as <c>[TOOL_CALLS]</c>.</param>
    public static TokenTrie Of(Tokenizer tokenizer, int vocabulary, IEnumerable<int>? written = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var plain = new HashSet<int>(written ?? []);
        var bytes = new byte[]?[vocabulary];
        for (var id = 0; id < Math.Min(vocabulary, tokenizer.Count); id++) bytes[id] = tokenizer.TokenBytes(id).ToArray();
        return new TokenTrie(bytes, [.. Enumerable.Range(0, Math.Min(vocabulary, tokenizer.Count)).Where(id => tokenizer.IsSpecial(id) && !plain.Contains(id))]);
    }

    /// <summary>The tree of tokens given by their bytes; null or empty for an id that is no text.</summary>
    public static TokenTrie Of(IReadOnlyList<byte[]?> tokens, IReadOnlyList<int>? special = null) => new([.. tokens], [.. (special ?? []).Order()]);

    /// <summary>The bytes of a token; empty for an id that has none.</summary>
    public ReadOnlySpan<byte> BytesOf(int token) => (uint)token < (uint)bytes.Length ? bytes[token] : default(ReadOnlySpan<byte>);

    /// <summary>Whether a token is special: no text, unless nothing governs the text.</summary>
    internal bool IsSpecial(int token) => Array.BinarySearch(Special, token) >= 0;

    internal byte Value(int node) => values[node];

    internal int Depth(int node) => depths[node];

    /// <summary>The node after all descendants.</summary>
    internal int End(int node) => ends[node];

    internal ReadOnlySpan<int> TokensAt(int node) => tokens.AsSpan(firstTokens[node]..firstTokens[node + 1]);

    /// <summary>Tokens that begin with the bytes leading to a node.</summary>
    internal ReadOnlySpan<int> TokensUnder(int node) => tokens.AsSpan(firstTokens[node]..firstTokens[ends[node]]);

    /// <summary>The node that these bytes lead to from another, or −1.</summary>
    internal int Find(int node, ReadOnlySpan<byte> path)
    {
        foreach (var value in path)
        {
            var child = node + 1;
            while (child < ends[node] && values[child] != value) child = ends[child];
            if (child >= ends[node]) return -1;
            node = child;
        }

        return node;
    }
}
