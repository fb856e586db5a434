namespace Gateway.Engine.Constraints.Automata;

/// <summary>
/// Rewrites rules that call themselves before anything is read, which would push for ever, to rules of the same language that do not.
/// </summary>
/// <remarks>
/// Rules that reach each other that way form a circle. Seen from its first byte, a word of one of them begins with a head: a word of some
/// rule of the circle that begins without a call into the circle. That rule was called first by another one, which goes on behind its call,
/// and so on outwards. So a rule A of the circle becomes states "B is done" for every B of the circle: reached by B's head, or from
/// "X is done" by what B reads behind its first call of X; "A is done" is the end. A head is never empty, and what stands before a first call
/// is, so nothing empty hides a call. Of a repetition of what may be empty, only those that are not count.
/// </remarks>
internal sealed class LeftRecursion
{
    private const int Loop = -1;

    private readonly AutomatonBuilder grammar;
    private readonly bool[] productive; // like all below, of what was there before
    private readonly bool[] nullable;
    private readonly int[] starts; // of rules
    private readonly IReadOnlyList<(int Rule, int Behind)>[] firstCalls; // of rules; behind is the state after it, or Loop
    private readonly int[] circleOf;
    private readonly Dictionary<int, int> solid = []; // rule → the rule of its words that are not empty
    private readonly Queue<int> unwritten = new();
    private readonly Dictionary<int, int> rests = []; // state, or −1 − the state of a loop → the rule of what comes behind

    private LeftRecursion(AutomatonBuilder grammar, bool[] productive)
    {
        (this.grammar, this.productive) = (grammar, productive);
        nullable = Closure.Nullable(grammar);
        starts = [.. Enumerable.Range(0, grammar.Rules).Select(grammar.StartOf)];
        firstCalls = [.. starts.Select(FirstCalls)];
        circleOf = Circles.Find(starts.Length, rule => [.. firstCalls[rule].Select(static call => call.Rule)]);
    }

    public static void Rewrite(AutomatonBuilder grammar, bool[] productive)
    {
        var rewrite = new LeftRecursion(grammar, productive);
        var circles = rewrite.circleOf.Select(static (circle, rule) => (circle, rule)).Where(static each => each.circle >= 0)
            .GroupBy(static each => each.circle, static each => each.rule).Select(static circle => circle.ToArray()).ToList();
        foreach (var circle in circles)
            foreach (var rule in circle) rewrite.solid[rule] = grammar.DeclareRule();
        foreach (var (state, loop) in grammar.Loops.ToArray())
            if (rewrite.Lives(loop.Body) && rewrite.nullable[grammar.StartOf(loop.Body)]) grammar.Relimit(state, loop with { Body = rewrite.Solid(loop.Body), Least = 0 });
        foreach (var circle in circles) rewrite.Open(circle);
        while (rewrite.unwritten.TryDequeue(out var rule)) rewrite.Write(rule, rewrite.solid[rule]);
    }

    private void Open(int[] circle)
    {
        var heads = new int[circle.Length];
        var bends = new List<(int Called, int Remainder, int Caller)>(); // indices into the circle
        var index = circle.Select(static (rule, at) => (rule, at)).ToDictionary(static each => each.rule, static each => each.at);
        for (var at = 0; at < circle.Length; at++)
        {
            Write(circle[at], heads[at] = grammar.DeclareRule());
            foreach (var (called, behind) in firstCalls[circle[at]].Distinct())
                if (index.TryGetValue(called, out var known)) bends.Add((known, Rest(behind, starts[circle[at]]), at));
        }

        foreach (var rule in circle)
        {
            int start = grammar.State();
            int[] done = [.. circle.Select(each => grammar.State(each == rule ? StateMarks.Final : StateMarks.None))];
            for (var at = 0; at < done.Length; at++) grammar.Call(start, heads[at], done[at]);
            foreach (var (called, rest, caller) in bends) grammar.Call(done[called], rest, done[caller]);
            grammar.DefineRule(solid[rule], start);
            if (nullable[starts[rule]])
            {
                var orNothing = grammar.State(StateMarks.Final);
                grammar.Epsilon(orNothing, start);
                start = orNothing;
            }

            grammar.DefineRule(rule, start);
        }
    }

    /// <summary>Defines a rule as the words of another that are not empty and begin with no call into that one's circle.</summary>
    private void Write(int rule, int to)
    {
        if (grammar.Loops.TryGetValue(starts[rule], out var loop))
        {
            grammar.DefineRule(to, grammar.StartOf(circleOf[rule] >= 0 || loop.Most == 0 ? grammar.Rule(grammar.State()) : grammar.LoopRule(loop.Body, Math.Max(loop.Least, 1), loop.Most)));
            return;
        }

        var start = grammar.State();
        grammar.DefineRule(to, start);
        foreach (var state in Opening(starts[rule]))
        {
            foreach (var edge in grammar.EdgesOf(state).ToArray())
            {
                if (edge.Kind == EdgeKind.Bytes) grammar.Bytes(start, edge.Low, edge.High, edge.Target);
                else if (edge.Kind == EdgeKind.Call && Lives(edge.Rule) && (circleOf[rule] < 0 || circleOf[edge.Rule] != circleOf[rule])) grammar.Call(start, Solid(edge.Rule), edge.Target);
            }
        }
    }

    private int Solid(int rule)
    {
        if (solid.TryGetValue(rule, out var known)) return known;
        if (!nullable[starts[rule]]) return rule;
        unwritten.Enqueue(rule);
        return solid[rule] = grammar.DeclareRule();
    }

    private int Rest(int behind, int start)
    {
        var key = behind == Loop ? -1 - start : behind;
        if (rests.TryGetValue(key, out var known)) return known;
        if (behind != Loop) return rests[key] = grammar.Rule(behind);
        var loop = grammar.Loops[start];
        return rests[key] = loop.Most == 1
            ? grammar.Rule(grammar.State(StateMarks.Final))
            : grammar.LoopRule(loop.Body, Math.Max(loop.Least - 1, 0), loop.Most == int.MaxValue ? loop.Most : loop.Most - 1);
    }

    private List<(int Rule, int Behind)> FirstCalls(int start)
    {
        var calls = new List<(int, int)>();
        if (start < 0 || !productive[start]) return calls;
        if (grammar.Loops.TryGetValue(start, out var loop) && loop.Most > 0 && Lives(loop.Body)) calls.Add((loop.Body, Loop));
        foreach (var state in Opening(start))
            foreach (var edge in grammar.EdgesOf(state))
                if (edge.Kind == EdgeKind.Call && productive[edge.Target] && Lives(edge.Rule)) calls.Add((edge.Rule, edge.Target));
        return calls;
    }

    /// <summary>The states that are reached before anything is read.</summary>
    private HashSet<int> Opening(int start)
    {
        var seen = new HashSet<int> { start };
        var work = new Stack<int>([start]);
        while (work.TryPop(out var state))
            foreach (var edge in grammar.EdgesOf(state))
                if ((edge.Kind == EdgeKind.Epsilon || (edge.Kind == EdgeKind.Call && nullable[starts[edge.Rule]])) && productive[edge.Target] && seen.Add(edge.Target)) work.Push(edge.Target);
        return seen;
    }

    private bool Lives(int rule) => starts[rule] >= 0 && productive[starts[rule]];
}
