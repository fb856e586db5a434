using System.Runtime.InteropServices;

namespace Gateway.Engine.Constraints.Automata;

/// <summary>What an edge asks for before it leads on.</summary>
internal enum EdgeKind : byte
{
    /// <summary>One byte of a range.</summary>
    Bytes,

    /// <summary>Nothing.</summary>
    Epsilon,

    /// <summary>A whole word of another rule.</summary>
    Call,
}

/// <summary>One edge. <see cref="Rule"/> is the called rule while building and its first state once frozen.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Edge(EdgeKind Kind, byte Low, byte High, int Target, int Rule);

/// <summary>What is special about a state.</summary>
[Flags]
internal enum StateMarks : byte
{
    None = 0,

    /// <summary>The rule may end here.</summary>
    Final = 1,

    /// <summary>Counts calls of a body between two bounds; has no edges.</summary>
    Loop = 2,

    /// <summary>The first state inside an object's free key; entered by its opening quote alone.</summary>
    OpensKey = 4,

    /// <summary>The state after a free key's closing quote, entered by it alone.</summary>
    ClosesKey = 8,

    /// <summary>Inside a free key.</summary>
    InKey = 16,

    /// <summary>Text that nothing governs yet: special tokens may stand here too.</summary>
    Free = 32,
}

/// <summary>A body that is called between <paramref name="Least"/> and <paramref name="Most"/> times.</summary>
/// <param name="Body">The body's rule while building, its first state once frozen, when it never matches the empty word.</param>
/// <param name="Least">Inclusive.</param>
/// <param name="Most">Inclusive; <see cref="int.MaxValue"/> is no bound.</param>
internal readonly record struct Loop(int Body, int Least, int Most);
