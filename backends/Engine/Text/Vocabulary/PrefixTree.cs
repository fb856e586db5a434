namespace Gateway.Engine.Text.Vocabulary;

/// <summary>Texts by their beginnings. Thread-safe once filled.</summary>
internal sealed class PrefixTree
{
    private readonly Dictionary<long, int> edges = [];
    private readonly List<int> values = [-1];

    public void Add(string text, int value)
    {
        var node = 0;
        foreach (var letter in text)
        {
            if (!edges.TryGetValue(Edge(node, letter), out var next))
            {
                edges.Add(Edge(node, letter), next = values.Count);
                values.Add(-1);
            }

            node = next;
        }

        values[node] = value;
    }

    /// <summary>Goes one UTF-16 unit on from a node (the root is 0); −1 where no text continues so.</summary>
    public int Step(int node, char letter) => edges.TryGetValue(Edge(node, letter), out var next) ? next : -1;

    /// <summary>The value of the text that ends at a node, or −1.</summary>
    public int Value(int node) => values[node];

    private static long Edge(int node, char letter) => ((long)node << 16) | letter;
}
