using System.Text;
using Gateway.Engine.Constraints.Patterns;

namespace Gateway.Engine.Constraints.Texts;

/// <summary>Code points that lead from one state to another.</summary>
internal readonly record struct TextStep(CodeRange Range, int Target);

/// <summary>
/// Texts that are in several sets at once, and which of some more sets they are in: the product of machines, written out as far as it can be
/// reached and led to an end. State 0 is the first; there is none where no text is left.
/// </summary>
internal sealed class TextProduct
{
    public const long None = -1;

    private TextProduct(List<List<TextStep>> steps, List<long> labels) => (Steps, Labels) = (steps, labels);

    /// <summary>By state, ascending.</summary>
    public List<List<TextStep>> Steps { get; }

    /// <summary>By state: <see cref="None"/> where no text ends, else bit <c>i</c> for each of the optional sets that the text is in.</summary>
    public List<long> Labels { get; }

    public bool IsEmpty => Steps.Count == 0;

    public static bool Matches(ITextMachine machine, string text)
    {
        var state = machine.Start;
        foreach (var rune in text.EnumerateRunes())
        {
            state = machine.Next(state, rune.Value);
            if (state == ITextMachine.Dead) return false;
        }

        return machine.Accepts(state);
    }

    /// <param name="required">Sets that texts must be in.</param>
    /// <param name="optional">Sets that they may be in, at most 62.</param>
    /// <param name="most">States of the product.</param>
    /// <exception cref="GrammarException">There are more.</exception>
    public static TextProduct Of(IReadOnlyList<ITextMachine> required, IReadOnlyList<ITextMachine> optional, int most)
    {
        ITextMachine[] machines = [.. required, .. optional];
        var known = new Dictionary<string, int>();
        var tuples = new List<int[]>();
        var steps = new List<List<TextStep>>();
        var labels = new List<long>();
        long edges = 0;
        Meet([.. machines.Select(static machine => machine.Start)]);
        for (var at = 0; at < tuples.Count; at++)
        {
            var tuple = tuples[at];
            labels.Add(Label(tuple));
            var own = new List<TextStep>();
            var cuts = new List<int> { 0, CharacterWriter.Last + 1 };
            for (var i = 0; i < machines.Length; i++)
                if (tuple[i] != ITextMachine.Dead) machines[i].AddCuts(tuple[i], cuts);
            cuts.Sort();
            for (var i = 0; i + 1 < cuts.Count; i++)
            {
                if (cuts[i] == cuts[i + 1]) continue;
                if (++edges > most * 20L) throw TooLarge(most);
                var target = Next(tuple, cuts[i]);
                if (target < 0) continue;
                if (own.Count > 0 && own[^1].Target == target && own[^1].Range.High + 1 == cuts[i]) own[^1] = new TextStep(new CodeRange(own[^1].Range.Low, cuts[i + 1] - 1), target);
                else own.Add(new TextStep(new CodeRange(cuts[i], cuts[i + 1] - 1), target));
            }

            steps.Add(own);
        }

        return new TextProduct(steps, labels).Trimmed(static (_, _) => true);

        int Next(int[] tuple, int codePoint)
        {
            var next = new int[tuple.Length];
            for (var i = 0; i < next.Length; i++)
            {
                next[i] = tuple[i] == ITextMachine.Dead ? ITextMachine.Dead : machines[i].Next(tuple[i], codePoint);
                if (next[i] == ITextMachine.Dead && i < required.Count) return ITextMachine.Dead;
            }

            return Meet(next);
        }

        int Meet(int[] tuple)
        {
            var key = string.Join(',', tuple);
            if (known.TryGetValue(key, out var id)) return id;
            if (tuples.Count == most) throw TooLarge(most);
            tuples.Add(tuple);
            return known[key] = tuples.Count - 1;
        }

        long Label(int[] tuple)
        {
            long label = 0;
            for (var i = 0; i < machines.Length; i++)
            {
                var accepts = tuple[i] != ITextMachine.Dead && machines[i].Accepts(tuple[i]);
                if (i < required.Count && !accepts) return None;
                if (i >= required.Count && accepts) label |= 1L << (i - required.Count);
            }

            return label;
        }
    }

    /// <summary>Without the texts of some labels.</summary>
    public TextProduct Without(Func<long, bool> excluded) =>
        new TextProduct(Steps, Labels.ConvertAll(label => label != None && excluded(label) ? None : label)).Trimmed(static (_, _) => true);

    /// <summary>Only states from which a text can end, and steps that are kept.</summary>
    public TextProduct Trimmed(Func<int, int, bool> keep)
    {
        var back = Steps.Select(static _ => new List<int>()).ToList();
        for (var from = 0; from < Steps.Count; from++)
            foreach (var step in Steps[from])
                if (keep(from, step.Target)) back[step.Target].Add(from);
        var ends = Spread([.. Enumerable.Range(0, Steps.Count).Where(state => Labels[state] != None)], state => back[state]);
        var met = IsEmpty || !ends.Contains(0) || !keep(0, 0) ? [] : Spread([0], state => Steps[state].Where(step => keep(state, step.Target) && ends.Contains(step.Target)).Select(static step => step.Target));
        List<int> order = [.. met.Order()];
        var number = order.Index().ToDictionary(static pair => pair.Item, static pair => pair.Index);
        return new TextProduct(
            [.. order.Select(state => Steps[state].Where(step => keep(state, step.Target) && number.ContainsKey(step.Target)).Select(step => step with { Target = number[step.Target] }).ToList())],
            [.. order.Select(state => Labels[state])]);
    }

    /// <summary>The texts, at most so many; null where there are more.</summary>
    public List<(string Text, long Label)>? Texts(int most)
    {
        var texts = new List<(string, long)>();
        if (IsEmpty) return texts;
        var work = new Queue<(int State, string Text)>([(0, "")]);
        while (work.TryDequeue(out var at))
        {
            if (Labels[at.State] != None) texts.Add((at.Text, Labels[at.State]));
            foreach (var step in Steps[at.State])
            {
                for (var codePoint = step.Range.Low; codePoint <= step.Range.High; codePoint++)
                {
                    if (Rune.IsValid(codePoint)) work.Enqueue((step.Target, at.Text + new Rune(codePoint)));
                    if (work.Count + texts.Count > most || at.Text.Length > 1_000) return null;
                }
            }
        }

        return texts;
    }

    private static HashSet<int> Spread(List<int> from, Func<int, IEnumerable<int>> next)
    {
        var seen = new HashSet<int>(from);
        var work = new Stack<int>(from);
        while (work.TryPop(out var state))
            foreach (var other in next(state))
                if (seen.Add(other)) work.Push(other);
        return seen;
    }

    private static GrammarException TooLarge(int most) => new($"The texts that are allowed are too many to tell apart: it would take more than {most:N0} states.");
}
