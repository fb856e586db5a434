using Gateway.Engine.Constraints.Automata;
using Gateway.Engine.Constraints.Masks;

namespace Gateway.Engine.Constraints;

/// <summary>
/// Where one sequence stands in a grammar. Allocates nothing per token once its buffers have grown. One owner thread; two matchers of the
/// same grammar may be used at the same time.
/// </summary>
public sealed class GrammarMatcher
{
    private const int CompactAt = 2_048; // stack entries

    private readonly Grammar grammar;
    private readonly PushdownAutomaton automaton;
    private readonly TokenTrie trie;
    private readonly MaskCache masks;
    private readonly KeyMemory? memory;
    private readonly List<int> asked = [];
    private StackSpace space = new();
    private StackSpace spare = new();
    private Threads now;
    private Threads next;
    private Threads? spareThreads;
    private int[] saved = new int[8];
    private ulong[]? own;

    internal GrammarMatcher(Grammar grammar, TokenTrie trie)
    {
        (this.grammar, this.trie, automaton, masks) = (grammar, trie, grammar.Automaton, grammar.MasksFor(trie));
        memory = automaton.HasKeys ? new KeyMemory() : null;
        (now, next) = (new Threads(automaton, space, memory), new Threads(automaton, space, memory));
        now.Start(space.Intern(automaton.Root, 0, 0, 0));
    }

    /// <summary>Whether what was read is a whole word of the grammar, so that the sequence may end.</summary>
    public bool IsAccepting => now.Ends;

    /// <summary>Whether it is a whole word and nothing can follow.</summary>
    public bool IsComplete => now.Ends && now.Count == 0;

    /// <summary>Whether nothing governs the text here, so that special tokens may stand in it.</summary>
    public bool IsFree
    {
        get
        {
            foreach (var top in now.Tops)
                if ((automaton.Marks(space[top].State) & StateMarks.Free) != 0) return true;
            return false;
        }
    }

    /// <summary>Reads a token; on false nothing has changed.</summary>
    public bool TryAdvance(int token)
    {
        if (trie.IsSpecial(token) && !IsFree) return false;
        return TryAdvance(trie.BytesOf(token));
    }

    /// <summary>Reads bytes, at least one; on false nothing has changed.</summary>
    public bool TryAdvance(ReadOnlySpan<byte> bytes)
    {
        if (!TryRead(bytes)) return false;
        if (space.Count > CompactAt) Compact();
        return true;
    }

    /// <summary>Sets the bits of the tokens that may come next, end tokens not among them, and clears all others.</summary>
    /// <param name="mask">At least <see cref="TokenTrie.MaskWords"/> long; bit <c>i</c> of word <c>w</c> is the token <c>64 w + i</c>.</param>
    public void FillMask(Span<ulong> mask)
    {
        mask.Clear();
        var words = mask[..trie.MaskWords];
        asked.Clear();
        var free = false;
        foreach (var top in now.Tops)
        {
            var node = space[top];
            var mark = automaton.Marks(node.State);
            free |= (mark & StateMarks.Free) != 0;
            if ((mark & StateMarks.InKey) == 0 || node.Keys == 0) masks.Fill(space, top, words, asked);
            else FillInKey(top, node.Keys, words);
        }

        if (free) foreach (var token in trie.Special) words[token >> 6] |= 1UL << token;
        foreach (var token in asked)
            if (CanAdvance(token)) words[token >> 6] |= 1UL << token;
    }

    /// <summary>An independent matcher at the same place.</summary>
    public GrammarMatcher Clone()
    {
        var copy = new GrammarMatcher(grammar, trie);
        copy.space.CopyFrom(space);
        copy.now.Restore(now.Tops, now.Ends);
        if (memory is not null) copy.memory!.CopyFrom(memory);
        return copy;
    }

    private bool CanAdvance(int token)
    {
        var (length, count, start) = memory is null ? default : (memory.Length, memory.Count, memory.KeyStart);
        var (tops, ends) = (Save(), now.Ends);
        var can = TryRead(trie.BytesOf(token));
        now.Restore(saved.AsSpan(0, tops), ends);
        memory?.Rewind(length, count, start);
        return can;
    }

    private bool TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return false;
        var (length, count, start) = memory is null ? default : (memory.Length, memory.Count, memory.KeyStart);
        // One byte is tried without saving: the threads before it are kept anyway.
        var (tops, ends) = bytes.Length > 1 ? (Save(), now.Ends) : (-1, false);
        foreach (var value in bytes)
        {
            memory?.Append(value);
            next.Step(now.Tops, value);
            if (next.Count == 0 && !next.Ends)
            {
                if (tops >= 0) now.Restore(saved.AsSpan(0, tops), ends);
                memory?.Rewind(length, count, start);
                return false;
            }

            (now, next) = (next, now);
        }

        return true;
    }

    private int Save()
    {
        if (saved.Length < now.Count) saved = new int[now.Count * 2];
        now.Tops.CopyTo(saved);
        return now.Count;
    }

    /// <summary>Tokens that would close this key as one that the object has are taken out again.</summary>
    private void FillInKey(int top, int keys, Span<ulong> words)
    {
        own ??= new ulong[trie.MaskWords];
        own.AsSpan().Clear();
        masks.Fill(space, top, own, asked);
        var partial = memory!.Partial;
        for (var key = keys; key != 0; key = memory.Before(key))
        {
            var used = memory.Key(key);
            if (!used.StartsWith(partial)) continue;
            var node = trie.Find(0, used[partial.Length..]);
            if (node >= 0) node = trie.Find(node, "\""u8);
            if (node < 0) continue;
            foreach (var token in trie.TokensUnder(node)) own[token >> 6] &= ~(1UL << token);
        }

        System.Numerics.Tensors.TensorPrimitives.BitwiseOr(words, own, words);
    }

    /// <summary>Stack entries that nothing refers to any more are dropped.</summary>
    private void Compact()
    {
        spare.Clear();
        var tops = Save();
        for (var i = 0; i < tops; i++) saved[i] = spare.Adopt(space, saved[i]);
        var ends = now.Ends;
        (space, spare) = (spare, space);
        var fresh = spareThreads ?? new Threads(automaton, space, memory);
        (spareThreads, now) = (now, fresh);
        next = new Threads(automaton, space, memory);
        now.Restore(saved.AsSpan(0, tops), ends);
    }
}
