using System.Globalization;

namespace Gateway.Engine.Constraints.Patterns;

/// <summary>General categories of Unicode as ranges, by their short names; <c>L</c> holds all that begin with it.</summary>
internal static class UnicodeCategories
{
    // In the order of UnicodeCategory.
    private static readonly string[] Names =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "Sm", "Sc", "Sk", "So", "Cn",
    ];

    private static readonly Lazy<List<CodeRange>[]> Ranges = new(Find);

    /// <summary>All that some language takes for a part of a word.</summary>
    public static List<CodeRange> Words => [.. Union("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc"), new(0x200C, 0x200D), .. Union("So")];

    /// <summary>The ranges of a category, or null where none has that name.</summary>
    public static List<CodeRange>? Of(string name)
    {
        if (name is not ({ Length: 1 } or { Length: 2 })) return null;
        if (name == "LC") return Union("Lu", "Ll", "Lt");
        var found = Names.Where(each => each.StartsWith(name, StringComparison.Ordinal)).ToArray();
        return found.Length == 0 ? null : Union(found);
    }

    public static List<CodeRange> Union(params string[] names) => CodeRanges.Normal(names.SelectMany(static name => Ranges.Value[Array.IndexOf(Names, name)]));

    private static List<CodeRange>[] Find()
    {
        var ranges = Names.Select(static _ => new List<CodeRange>()).ToArray();
        for (int start = 0, point = 1; point <= CharacterWriter.Last + 1; point++)
        {
            var category = CharUnicodeInfo.GetUnicodeCategory(start);
            if (point <= CharacterWriter.Last && CharUnicodeInfo.GetUnicodeCategory(point) == category) continue;
            ranges[(int)category].Add(new CodeRange(start, point - 1));
            start = point;
        }

        return ranges;
    }
}
