namespace Gateway.Engine.Constraints.Texts;

/// <summary>A set of texts, read one code point at a time: a deterministic automaton that may find its states while it is asked.</summary>
internal interface ITextMachine
{
    /// <summary>No text goes on from here.</summary>
    const int Dead = -1;

    int Start { get; }

    /// <summary>The state after one more code point, or <see cref="Dead"/>.</summary>
    int Next(int state, int codePoint);

    /// <summary>Whether the text so far is in the set.</summary>
    bool Accepts(int state);

    /// <summary>Adds the code points from which on <see cref="Next"/> may say something else than before them.</summary>
    void AddCuts(int state, List<int> cuts);
}
