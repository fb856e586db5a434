using System.Text.Json;

namespace Gateway.Engine.Text;

internal sealed partial class TokenizerReader
{
    /// <summary>The post-processor's frame for two texts: nothing around them where it says nothing, null where it does not say how.</summary>
    public PairFrame? PairFrame(JsonElement e, int depth = 0)
    {
        switch (Part(e, "post-processor", depth))
        {
            case "Sequence":
                return Items(e, "processors").Select(part => PairFrame(part, depth + 1)).LastOrDefault(frame => frame is not { Length: 0 }, new PairFrame([], [], []) { SecondType = 1 });
            case "BertProcessing":
                var (cls, sep) = Ends(e);
                return new PairFrame([cls], [sep], [sep]) { SecondType = 1, AfterTypes = [1] };
            case "RobertaProcessing":
                (cls, sep) = Ends(e);
                return new PairFrame([cls], [sep, sep], [sep]);
            case "TemplateProcessing":
                return PairTemplate(e);
            default:
                return new PairFrame([], [], []) { SecondType = 1 };
        }
    }

    private static (int Cls, int Sep) Ends(JsonElement e) => (e.GetProperty("cls")[1].GetInt32(), e.GetProperty("sep")[1].GetInt32());

    private PairFrame? PairTemplate(JsonElement e)
    {
        if (!e.TryGetProperty("pair", out var pair) || pair.ValueKind != JsonValueKind.Array) return null;
        List<int>[] ids = [[], [], []];
        List<int>[] types = [[], [], []];
        int[] textTypes = [0, 0];
        var texts = 0;
        var first = "A";
        foreach (var item in pair.EnumerateArray())
        {
            if (item.TryGetProperty("Sequence", out var text))
            {
                var id = Text(text, "id");
                if (texts == 0) first = id;
                if (texts > 1 || id is not ("A" or "B") || (texts == 1 && id == first)) return null;
                textTypes[texts++] = Number(text, "type_id");
                continue;
            }

            var special = item.GetProperty("SpecialToken");
            foreach (var id in e.GetProperty("special_tokens").GetProperty(Text(special, "id")).GetProperty("ids").EnumerateArray())
            {
                ids[texts].Add(id.GetInt32());
                types[texts].Add(Number(special, "type_id"));
            }
        }

        if (texts < 2) return null;
        return new PairFrame([.. ids[0]], [.. ids[1]], [.. ids[2]])
        {
            BeforeTypes = [.. types[0]],
            BetweenTypes = [.. types[1]],
            AfterTypes = [.. types[2]],
            Swapped = first == "B",
            FirstType = textTypes[0],
            SecondType = textTypes[1],
        };
    }
}
