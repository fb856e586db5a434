using System.Text.Json.Nodes;

namespace Gateway.Engine.Tests.Text;

public sealed class ModelTokenizerTests
{
    [Fact]
    public void The_models_own_tokenizers_equal_the_reference()
    {
        var failures = new List<string>();
        var count = 0;
        var all = JsonNode.Parse(File.ReadAllText(Shared.Golden("models", "decode.json")))!.AsObject();
        foreach (var (name, cases) in all)
        {
            if (!File.Exists(Shared.Golden("models", name, "tokenizer.json"))) continue;
            var tokenizer = Goldens.Load(Shared.Golden("models", name));
            foreach (var row in cases!["encode"]!.AsArray())
            {
                count++;
                var text = (string)row!["text"]!;
                if (!tokenizer.Encode(text).SequenceEqual(Goldens.Ids(row["ids"]))) failures.Add($"{name} '{text}'");
                if (!tokenizer.Encode(text, false).SequenceEqual(Goldens.Ids(row["ids_without_special"]))) failures.Add($"{name} '{text}' without special");
            }

            foreach (var row in cases["decode"]!.AsArray())
            {
                if (tokenizer.Decode(Goldens.Ids(row!["ids"]), false) != (string?)row["keep_special"]) failures.Add($"{name} keep {row.ToJsonString()}");
                if (tokenizer.Decode(Goldens.Ids(row["ids"]), true) != (string?)row["skip_special"]) failures.Add($"{name} skip {row.ToJsonString()}");
            }
        }

        failures.ShouldBeEmpty(string.Join('\n', failures.Take(40)));
        count.ShouldBeGreaterThan(50);
    }
}
