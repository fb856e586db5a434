using System.Text;
using Gateway.Engine.Constraints;

namespace Gateway.Engine.Tests.Constraints;

/// <summary>Whether a grammar takes a text, byte by byte.</summary>
internal static class Words
{
    public static TokenTrie Bytes { get; } = TokenTrie.Of([.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })]);

    public static bool Takes(this Grammar grammar, string text)
    {
        var matcher = grammar.Matcher(Bytes);
        foreach (var value in Encoding.UTF8.GetBytes(text))
            if (!matcher.TryAdvance(value)) return false;
        return matcher.IsAccepting;
    }
}
