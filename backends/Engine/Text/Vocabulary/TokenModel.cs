namespace Gateway.Engine.Text.Vocabulary;

/// <summary>Turns one piece of text into ids. Thread-safe.</summary>
internal abstract class TokenModel
{
    public abstract IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <param name="piece">A piece of text.</param>
    /// <param name="into">Where the ids go.</param>
    /// <param name="banned">Ids that the text must not become although it spells them; the unknown token may be among them and still stands for what has no other.</param>
    public abstract void Encode(string piece, List<int> into, IReadOnlySet<int>? banned = null);
}
