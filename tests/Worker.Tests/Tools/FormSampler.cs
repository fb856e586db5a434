using System.Text;
using Gateway.Engine.Constraints;
using Gateway.Engine.Constraints.ToolCalls;

namespace Gateway.Worker.Tests.Tools;

/// <summary>Draws answers from a plan's grammar, token by token and evenly, over a small vocabulary whose tokens cut markup everywhere.</summary>
internal sealed class FormSampler
{
    private const string Letters = "ab_12.-+ \n\"\\/{}[]():,=<>|truefalsnTFNgoCALINDORYSXxé😀";
    private static readonly string[] Pieces = ["\"}", "\": ", "}\n", "\n<", "</", "tool_call>", "\", \"arg", ")]", "\n\n", "</parameter>", "\n</parameter>\n", "[TOOL", "{\"", "true", "Tr"];
    private readonly List<byte[]?> tokens;
    private readonly TokenTrie trie;
    private readonly ulong[] mask;

    public FormSampler(ToolCallForm form)
    {
        var texts = Letters.EnumerateRunes().Select(static rune => rune.ToString()).Concat(Pieces).Concat(form.Markup).Concat(form.Markup.SelectMany(static text => text.EnumerateRunes().Select(static rune => rune.ToString())));
        // All bytes as well, since a name or a rest of a character may need any.
        tokens = [.. texts.Distinct().Select(Encoding.UTF8.GetBytes), .. Enumerable.Range(32, 95).Select(static value => new[] { (byte)value })];
        trie = TokenTrie.Of(tokens);
        mask = new ulong[trie.MaskWords];
    }

    /// <summary>A whole answer, or null for one that did not end by <paramref name="most"/> tokens.</summary>
    public string? Draw(Grammar grammar, Random random, int most = 600)
    {
        var matcher = grammar.Matcher(trie);
        var text = new List<byte>();
        for (var count = 0; count < most; count++)
        {
            if (matcher.IsComplete || (matcher.IsAccepting && random.Next(6) == 0)) return Encoding.UTF8.GetString([.. text]);
            matcher.FillMask(mask);
            var allowed = Enumerable.Range(0, tokens.Count).Where(id => (mask[id >> 6] >> id & 1) != 0).ToList();
            allowed.Count.ShouldBeGreaterThan(0, Encoding.UTF8.GetString([.. text]));
            // Texts end sooner than chance would have it.
            var ending = allowed.FindAll(id => tokens[id]![0] is (byte)'"' or (byte)'<' or (byte)'}' or (byte)'[' or (byte)'{' or (byte)'\n');
            var chosen = ending.Count > 0 && random.Next(4) == 0 ? ending[random.Next(ending.Count)] : allowed[random.Next(allowed.Count)];
            matcher.TryAdvance(chosen).ShouldBeTrue();
            text.AddRange(tokens[chosen]!);
        }

        return null;
    }
}
