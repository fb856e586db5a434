using System.Text;
using Gateway.Engine.Constraints.Automata;
using Gateway.Engine.Constraints.Patterns;

namespace Gateway.Engine.Constraints.Grammars;

/// <summary>Writes a grammar that is given as text into an automaton. Nothing is written twice, so the automaton is as large as the text.</summary>
internal sealed class GrammarWriter
{
    private const int MostLength = 400_000;

    private readonly AutomatonBuilder builder;
    private readonly RuleBook book;
    private readonly WriteCharacters write;
    private readonly Dictionary<string, int> rules = [];
    private readonly Queue<string> unwritten = new();
    private int ignored = -1;

    private GrammarWriter(AutomatonBuilder builder, RuleBook book, WriteCharacters write) => (this.builder, this.book, this.write) = (builder, book, write);

    /// <summary>A rule for the texts that are words of a grammar.</summary>
    /// <param name="builder">Where to.</param>
    /// <param name="text">The grammar.</param>
    /// <param name="syntax">How it is written.</param>
    /// <param name="write">How characters are spelled: as themselves unless said otherwise.</param>
    /// <exception cref="GrammarException">It is malformed or too large; where in its text is said.</exception>
    public static int Write(AutomatonBuilder builder, string text, GrammarSyntax syntax, WriteCharacters? write = null)
    {
        if (text.Length > MostLength) throw new GrammarException($"The grammar is longer than {MostLength:N0} characters.");
        write ??= CharacterWriter.Plain;
        if (syntax != GrammarSyntax.Regex) return new GrammarWriter(builder, syntax == GrammarSyntax.Gbnf ? GbnfParser.Parse(text) : LarkParser.Parse(text), write).Root();
        var start = builder.State();
        builder.Mark(PatternWriter.Write(builder, start, PatternParser.Parse(text), whole: true, write), StateMarks.Final);
        return builder.Rule(start);
    }

    /// <summary>GBNF defines with <c>::=</c>, Lark with <c>:</c>.</summary>
    public static GrammarSyntax SyntaxOf(string text) => text.Contains("::=", StringComparison.Ordinal) ? GrammarSyntax.Gbnf : GrammarSyntax.Lark;

    private int Root()
    {
        if (book.Ignored is not null)
        {
            var state = builder.State(StateMarks.Final);
            ignored = builder.Rule(state);
            builder.Epsilon(One(state, book.Ignored), state);
        }

        var root = RuleOf(book.Root);
        while (unwritten.TryDequeue(out var name))
        {
            var start = builder.State();
            builder.DefineRule(rules[name], start);
            builder.Mark(One(start, book.Rules[name]), StateMarks.Final);
        }

        return root;
    }

    private int RuleOf(string name)
    {
        if (rules.TryGetValue(name, out var known)) return known;
        unwritten.Enqueue(name);
        return rules[name] = builder.DeclareRule();
    }

    /// <summary>From a state to the one returned, which is new and has no edges.</summary>
    private int One(int from, Expression expression)
    {
        switch (expression)
        {
            case Expression.Text text:
                return Text(from, text.Value);
            case Expression.Matched matched:
                return Ended(PatternWriter.Write(builder, from, matched.Pattern, whole: true, write));
            case Expression.Name name:
                return Call(from, RuleOf(name.Value));
            case Expression.Token token:
                return One(ignored < 0 ? from : Call(from, ignored), token.Part);
            case Expression.Sequence sequence:
                if (sequence.Parts.Count == 0) return Ended(from);
                foreach (var part in sequence.Parts) from = One(from, part);
                return from;
            case Expression.Choice choice:
                return Choice(from, choice.Options);
            default:
                return Repeated(from, (Expression.Repeat)expression);
        }
    }

    private int Choice(int from, IReadOnlyList<Expression> options)
    {
        var join = builder.State();
        var words = new WordTree(builder, from);
        foreach (var option in Factoring.Of(options))
            builder.Epsilon(option is Expression.Text text ? words.Add(Spelled(text.Value)) : One(from, option), join);
        return join;
    }

    private int Text(int from, string text) => text.Length == 0 ? Ended(from) : builder.Literal(from, Spelled(text));

    private byte[] Spelled(string text) => write == CharacterWriter.InString ? CharacterWriter.Spelled(text) : Encoding.UTF8.GetBytes(text);

    private int Repeated(int from, Expression.Repeat repeat)
    {
        switch (repeat)
        {
            case { From: 0, To: 0 }:
                return Ended(from);
            case { From: 0, To: 1 }:
                var end = One(from, repeat.Part);
                builder.Epsilon(from, end);
                return end;
            case { From: 0 or 1, To: int.MaxValue }:
                var again = builder.State();
                builder.Epsilon(from, again);
                var done = One(again, repeat.Part);
                builder.Epsilon(done, again);
                end = Ended(done);
                if (repeat.From == 0) builder.Epsilon(again, end);
                return end;
            default:
                var start = builder.State();
                builder.Mark(One(start, repeat.Part), StateMarks.Final);
                return Call(from, builder.LoopRule(builder.Rule(start), repeat.From, repeat.To));
        }
    }

    private int Call(int from, int rule)
    {
        var next = builder.State();
        builder.Call(from, rule, next);
        return next;
    }

    private int Ended(int from)
    {
        var end = builder.State();
        builder.Epsilon(from, end);
        return end;
    }
}
