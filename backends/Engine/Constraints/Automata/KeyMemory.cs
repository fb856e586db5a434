namespace Gateway.Engine.Constraints.Automata;

/// <summary>
/// The text of one sequence and the free keys in it, so that no object gets a key twice. Free keys are written in one form only, so equal
/// bytes are equal keys. Entries link to the one before them in their object. One owner.
/// </summary>
internal sealed class KeyMemory
{
    private byte[] text = new byte[1024];
    private (int Before, int Start, int Length)[] keys = new (int, int, int)[32]; // 0 is none

    /// <summary>Bytes read so far.</summary>
    public int Length { get; private set; }

    /// <summary>Entries so far, for <see cref="Rewind"/>.</summary>
    public int Count { get; private set; } = 1;

    /// <summary>Where the newest key begins.</summary>
    public int KeyStart { get; private set; }

    /// <summary>What has been read of the key that is open.</summary>
    public ReadOnlySpan<byte> Partial => text.AsSpan(KeyStart, Length - KeyStart);

    /// <summary>Before the automaton steps over it.</summary>
    public void Append(byte value)
    {
        if (Length == text.Length) Array.Resize(ref text, text.Length * 2);
        text[Length++] = value;
    }

    /// <summary>The byte just read is the opening quote of a free key.</summary>
    public void Open() => KeyStart = Length;

    /// <summary>The byte just read closes the key; false when the object has it already.</summary>
    public bool TryClose(ref int newest)
    {
        var key = text.AsSpan(KeyStart, Length - 1 - KeyStart);
        for (var at = newest; at != 0; at = keys[at].Before)
            if (Key(at).SequenceEqual(key)) return false;
        if (Count == keys.Length) Array.Resize(ref keys, keys.Length * 2);
        keys[Count] = (newest, KeyStart, key.Length);
        newest = Count++;
        return true;
    }

    public ReadOnlySpan<byte> Key(int id) => text.AsSpan(keys[id].Start, keys[id].Length);

    public int Before(int id) => keys[id].Before;

    /// <summary>Forgets what came after a moment.</summary>
    public void Rewind(int length, int count, int keyStart) => (Length, Count, KeyStart) = (length, count, keyStart);

    public void CopyFrom(KeyMemory other)
    {
        (text, keys) = ([.. other.text], [.. other.keys]);
        Rewind(other.Length, other.Count, other.KeyStart);
    }
}
