using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Gateway.Engine.Constraints.Automata;
using Gateway.Engine.Constraints.Grammars;
using Gateway.Engine.Constraints.Masks;
using Gateway.Engine.Constraints.Patterns;
using Gateway.Engine.Constraints.Schemas;

namespace Gateway.Engine.Constraints;

/// <summary>
/// A language that an answer must belong to: a pushdown automaton over UTF-8 bytes. Immutable and thread-safe; one grammar serves any
/// number of sequences and keeps the masks that they found.
/// </summary>
public sealed class Grammar
{
    private readonly ConditionalWeakTable<TokenTrie, MaskCache> masks = [];

    internal Grammar(PushdownAutomaton automaton) => Automaton = automaton;

    internal PushdownAutomaton Automaton { get; }

    /// <summary>JSON that is valid under a schema (draft 2020-12); properties come in the schema's order, additional ones after them.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="unenforced">
    /// Null refuses a schema that cannot be enforced whole. Else the answer is bound by what can be, and this takes the keywords that do not
    /// bind it, each once, as JSON pointers: <c>#/properties/a/uniqueItems</c>, ASCII without commas or white space.
    /// </param>
    /// <exception cref="GrammarException">
    /// The schema is malformed, too large, or nothing satisfies it; without <paramref name="unenforced"/>, also that something in it cannot be enforced.
    /// </exception>
    public static Grammar OfSchema(JsonElement schema, ICollection<string>? unenforced = null) => Build(builder => new SchemaCompiler(builder, schema, unenforced).Root());

    /// <summary>Any JSON object.</summary>
    public static Grammar AnyObject { get; } = Build(static builder => new JsonRules(builder).AnyObject());

    /// <summary>One of these texts.</summary>
    /// <exception cref="GrammarException">There is none, or one is empty.</exception>
    public static Grammar OfChoices(IReadOnlyList<string> choices)
    {
        if (choices.Count == 0) throw new GrammarException("There is no choice.");
        if (choices.Any(string.IsNullOrEmpty)) throw new GrammarException("A choice is empty.");
        return Build(builder =>
        {
            var start = builder.State();
            var words = new WordTree(builder, start);
            foreach (var choice in choices) builder.Mark(words.Add(Encoding.UTF8.GetBytes(choice)), StateMarks.Final);
            return builder.Rule(start);
        });
    }

    /// <summary>Texts that a regular expression (ECMA-262 with the u flag) matches as a whole.</summary>
    /// <exception cref="GrammarException">It is malformed, or uses look-around or back-references.</exception>
    public static Grammar OfPattern(string pattern) => OfText(pattern, GrammarSyntax.Regex);

    /// <summary>Texts that are words of a grammar: GBNF where rules are defined with <c>::=</c>, else Lark's notation.</summary>
    /// <exception cref="GrammarException">It is malformed or too large; where in its text is said.</exception>
    public static Grammar OfText(string text) => OfText(text, GrammarWriter.SyntaxOf(text));

    /// <summary>Texts that are words of a grammar.</summary>
    /// <exception cref="GrammarException">It is malformed or too large; where in its text is said.</exception>
    public static Grammar OfText(string text, GrammarSyntax syntax) => Build(builder => GrammarWriter.Write(builder, text, syntax));

    /// <summary>Roughly what it occupies, its masks aside.</summary>
    public long Bytes => Automaton.Bytes;

    /// <summary>A matcher at the beginning.</summary>
    public GrammarMatcher Matcher(TokenTrie trie) => new(this, trie);

    internal MaskCache MasksFor(TokenTrie trie) => masks.GetValue(trie, key => new MaskCache(Automaton, key));

    internal static Grammar Build(Func<AutomatonBuilder, int> root)
    {
        var builder = new AutomatonBuilder();
        return new Grammar(builder.Freeze(root(builder)) ?? throw new GrammarException("Nothing satisfies it."));
    }
}
