using Gateway.Engine.Constraints;
using Gateway.Engine.Constraints.Grammars;

namespace Gateway.Engine.Tests.Constraints;

/// <summary>Random grammars, most of them left-recursive and ambiguous, against all words of their language, found by iterating its equations.</summary>
public sealed class LeftRecursionTests
{
    private const int Longest = 3;
    private static readonly string[] Texts = [.. Enumerable.Range(0, Longest + 1).SelectMany(length =>
        Enumerable.Range(0, 1 << length).Select(bits => string.Concat(Enumerable.Range(0, length).Select(at => (bits >> at & 1) == 0 ? 'a' : 'b'))))];

    [Fact]
    public void Random_grammars_take_exactly_their_words()
    {
        int recursive = 0, empty = 0;
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var rules = Enumerable.Range(0, random.Next(1, 5)).Select(_ => (Node)new Choice([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Make(random, 3))])).ToArray();
            for (var i = 0; i < rules.Length; i++) rules[i] = rules[i].Within(rules.Length);
            var text = string.Join("\n", rules.Select((rule, i) => $"{Name(i)} ::= {rule}"));
            var words = Words(rules);
            if (words.Count == 0)
            {
                // It may have longer words.
                empty++;
                continue;
            }

            var grammar = Grammar.OfText(text, GrammarSyntax.Gbnf);
            if (rules.Any(rule => rule.First().Any())) recursive++;
            foreach (var candidate in Texts) grammar.Takes(candidate).ShouldBe(words.Contains(candidate), $"seed {seed}, '{candidate}':\n{text}");
        }

        recursive.ShouldBeGreaterThan(1_000);
        empty.ShouldBeLessThan(1_000);
    }

    private static string Name(int rule) => rule == 0 ? "root" : $"r{rule}";

    private static HashSet<string> Words(Node[] rules)
    {
        var known = rules.Select(_ => new HashSet<string>()).ToArray();
        for (var grew = true; grew;)
        {
            grew = false;
            for (var i = 0; i < rules.Length; i++)
            {
                var before = known[i].Count;
                known[i].UnionWith(rules[i].Words(known));
                grew |= known[i].Count > before;
            }
        }

        return known[0];
    }

    private static Node Make(Random random, int depth)
    {
        if (depth == 0) return random.Next(5) < 3 ? new Text(((string[])["a", "b", "ab"])[random.Next(3)]) : new Reference(random.Next(100));
        return random.Next(10) switch
        {
            0 => new Text(""),
            1 => new Text("a"),
            2 or 3 => new Reference(random.Next(100)),
            4 or 5 or 6 => new Sequence([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Make(random, depth - 1))]),
            7 => new Choice([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Make(random, depth - 1))]),
            _ => ((int, int)[])[(0, 99), (1, 99), (0, 1), (0, 2), (1, 3), (2, 2), (2, 99), (0, 0)] is var counts && counts[random.Next(counts.Length)] is var (from, to)
                ? new Repeat(Make(random, depth - 1), from, to)
                : throw new InvalidOperationException(),
        };
    }

    private abstract record Node
    {
        public abstract IEnumerable<string> Words(HashSet<string>[] rules);

        public virtual IEnumerable<int> First() => [];

        public virtual Node Within(int rules) => this;

        protected static HashSet<string> Join(IEnumerable<string> left, IEnumerable<string> right) =>
            [.. left.SelectMany(a => right.Select(b => a + b)).Where(word => word.Length <= Longest)];
    }

    private sealed record Text(string Value) : Node
    {
        public override IEnumerable<string> Words(HashSet<string>[] rules) => [Value];

        public override string ToString() => $"\"{Value}\"";
    }

    private sealed record Reference(int Rule) : Node
    {
        public override IEnumerable<string> Words(HashSet<string>[] rules) => rules[Rule];

        public override IEnumerable<int> First() => [Rule];

        public override Node Within(int rules) => new Reference(Rule % rules);

        public override string ToString() => Name(Rule);
    }

    private sealed record Sequence(Node[] Parts) : Node
    {
        public override IEnumerable<string> Words(HashSet<string>[] rules) => Parts.Aggregate(new HashSet<string> { "" }, (words, part) => Join(words, [.. part.Words(rules)]));

        public override IEnumerable<int> First() => Parts[0].First();

        public override Node Within(int rules) => new Sequence([.. Parts.Select(part => part.Within(rules))]);

        public override string ToString() => $"({string.Join(' ', (object[])Parts)})";
    }

    private sealed record Choice(Node[] Options) : Node
    {
        public override IEnumerable<string> Words(HashSet<string>[] rules) => [.. Options.SelectMany(option => option.Words(rules))];

        public override IEnumerable<int> First() => Options.SelectMany(option => option.First());

        public override Node Within(int rules) => new Choice([.. Options.Select(option => option.Within(rules))]);

        public override string ToString() => $"({string.Join(" | ", (object[])Options)})";
    }

    private sealed record Repeat(Node Part, int From, int To) : Node
    {
        public override IEnumerable<string> Words(HashSet<string>[] rules)
        {
            HashSet<string> once = [.. Part.Words(rules)], now = [""], all = [];
            for (var count = 0; count <= Math.Min(To, Longest + From); count++)
            {
                if (count >= From) all.UnionWith(now);
                now = Join(now, once);
            }

            return all;
        }

        public override IEnumerable<int> First() => Part.First();

        public override Node Within(int rules) => this with { Part = Part.Within(rules) };

        public override string ToString() => $"{Part}{{{From},{(To == 99 ? "" : To)}}}";
    }
}
