namespace Gateway.Engine.Constraints.Automata;

/// <summary>Nodes of a graph that reach each other (Tarjan's algorithm, without recursion).</summary>
internal static class Circles
{
    /// <summary>For each node the number of its circle, −1 where none leads back to it.</summary>
    public static int[] Find(int count, Func<int, IReadOnlyList<int>> next)
    {
        var circle = new int[count];
        var order = new int[count]; // when it was met, from 1
        var low = new int[count];
        var onPath = new bool[count];
        var members = new Stack<int>();
        var path = new Stack<(int Node, IReadOnlyList<int> Next, int At)>();
        int met = 0, circles = 0;
        Array.Fill(circle, -1);
        for (var root = 0; root < count; root++)
        {
            if (order[root] != 0) continue;
            Open(root);
            while (path.TryPop(out var top))
            {
                var node = top.Node;
                if (top.At < top.Next.Count)
                {
                    path.Push(top with { At = top.At + 1 });
                    var to = top.Next[top.At];
                    if (order[to] == 0) Open(to);
                    else if (onPath[to]) low[node] = Math.Min(low[node], order[to]);
                    continue;
                }

                if (path.TryPeek(out var caller)) low[caller.Node] = Math.Min(low[caller.Node], low[node]);
                if (low[node] == order[node]) Close(node, members.Peek() != node || top.Next.Contains(node));
            }
        }

        return circle;

        void Open(int node)
        {
            order[node] = low[node] = ++met;
            onPath[node] = true;
            members.Push(node);
            path.Push((node, next(node), 0));
        }

        void Close(int node, bool leadsBack)
        {
            int member;
            do
            {
                member = members.Pop();
                onPath[member] = false;
                if (leadsBack) circle[member] = circles;
            }
            while (member != node);
            circles++;
        }
    }
}
