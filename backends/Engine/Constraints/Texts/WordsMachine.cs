using System.Text;

namespace Gateway.Engine.Constraints.Texts;

/// <summary>Some words, or all texts but these words.</summary>
internal sealed class WordsMachine : ITextMachine
{
    private const int Other = 0; // has left the words
    private readonly List<(SortedDictionary<int, int> Next, bool IsWord)> nodes = [([], false), ([], false)];
    private readonly bool not;

    public WordsMachine(IEnumerable<string> words, bool not)
    {
        this.not = not;
        foreach (var word in words)
        {
            var at = Start;
            foreach (var rune in word.EnumerateRunes())
            {
                if (!nodes[at].Next.TryGetValue(rune.Value, out var next))
                {
                    nodes[at].Next[rune.Value] = next = nodes.Count;
                    nodes.Add(([], false));
                }

                at = next;
            }

            nodes[at] = nodes[at] with { IsWord = true };
        }
    }

    public int Start => 1;

    public int Next(int state, int codePoint) => nodes[state].Next.TryGetValue(codePoint, out var next) ? next : not ? Other : ITextMachine.Dead;

    public bool Accepts(int state) => nodes[state].IsWord != not;

    public void AddCuts(int state, List<int> cuts)
    {
        foreach (var codePoint in nodes[state].Next.Keys) cuts.AddRange([codePoint, codePoint + 1]);
    }
}
