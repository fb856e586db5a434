namespace Gateway.Engine.Text.Vocabulary;

/// <summary>Turns one piece of text into ids. Thread-safe.</summary>
internal abstract class TokenModel
{
    public abstract IReadOnlyDictionary<string, int> Vocabulary { get; }

    public abstract void Encode(string piece, List<int> into);
}
