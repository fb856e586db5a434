using System.Diagnostics;
using System.Text.Json;
using Gateway.Engine.Backend;
using Gateway.Engine.Constraints;
using Gateway.Engine.Models;
using Gateway.Engine.Sampling;
using Gateway.Engine.Scheduling;
using Gateway.Engine.Torch;

namespace Gateway.Benchmarks;

/// <summary>What constraints cost: a mask and a step of the grammar per token once warm, compiling a large schema, and tokens a second of a full batch.</summary>
internal static class ConstraintSpeed
{
    private const int Batch = 16;
    private const int Length = 64; // tokens of an answer
    private const int Warm = 60; // answers before the clock counts
    private const int Timed = 40;

    private static readonly (string Name, string Schema)[] Schemas =
    [
        ("person", """{"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":40},"age":{"type":"integer","minimum":0,"maximum":130},"mail":{"type":"string","format":"email"}},"required":["name","age","mail"],"additionalProperties":false}"""),
        ("invoice", """{"type":"object","properties":{"number":{"type":"string","pattern":"^[A-Z]{2}-[0-9]{6}$"},"date":{"type":"string","format":"date"},"lines":{"type":"array","items":{"type":"object","properties":{"text":{"type":"string"},"count":{"type":"integer","minimum":1},"price":{"type":"number","minimum":0,"maximum":10000}},"required":["text","count","price"],"additionalProperties":false},"minItems":1,"maxItems":20},"paid":{"type":["boolean","null"]}},"required":["number","date","lines","paid"],"additionalProperties":false}"""),
        ("sentiment", """{"type":"object","properties":{"label":{"enum":["positive","neutral","negative"]},"score":{"type":"number","minimum":0,"maximum":1},"reason":{"type":"string","maxLength":200}},"required":["label","score","reason"],"additionalProperties":false}"""),
        ("tree", """{"$defs":{"node":{"type":"object","properties":{"value":{"type":"string"},"children":{"type":"array","items":{"$ref":"#/$defs/node"}}},"required":["value","children"],"additionalProperties":false}},"$ref":"#/$defs/node"}"""),
        ("map", """{"type":"object","additionalProperties":{"type":"array","items":{"type":"string"}}}"""),
        ("any object", """{"type":"object"}"""),
    ];

    private static readonly string[] Kinds =
    [
        """{"type":"string","maxLength":100}""",
        """{"type":"integer","minimum":0,"maximum":100000}""",
        """{"type":"array","items":{"type":"string"}}""",
        """{"type":["string","null"],"format":"date-time"}""",
    ];

    public static async Task RunAsync(string model, TextWriter output)
    {
        using var folder = ModelFolder.Open(model);
        var trie = TokenTrie.Of(folder.Tokenizer, folder.Tokenizer.Count);
        output.WriteLine($"{Path.GetFileName(model)}, {trie.Vocabulary} tokens: µs a token for mask and step");
        output.WriteLine("| schema | compiled in ms | first answer, mean | warm, mean | warm, 99th |");
        output.WriteLine("|---|---|---|---|---|");
        foreach (var (name, schema) in Schemas)
        {
            var compiled = Median(9, () => Compile(schema));
            var grammar = Compile(schema);
            var random = new Random(3);
            var first = Answer(grammar, trie, random);
            for (var i = 0; i < Warm; i++) Answer(grammar, trie, random);
            var times = Enumerable.Range(0, Timed).SelectMany(_ => Answer(grammar, trie, random)).Order().ToList();
            output.WriteLine($"| {name} | {compiled:F1} | {first.Average():F0} | {times.Average():F1} | {times[times.Count * 99 / 100]:F1} |");
        }

        output.WriteLine($"a schema of 200 properties compiles in {Median(9, () => Compile(Wide())):F1} ms");
        await FullBatchAsync(folder, output);
    }

    private static async Task FullBatchAsync(ModelFolder folder, TextWriter output)
    {
        var runner = TorchRunner.Load(folder, new TorchOptions { ContextLength = 256, BlockSize = 16, BlockCount = Batch * 16, Threads = Environment.ProcessorCount });
        await using var backend = new BatchingBackend(runner, new ModelCard("bench", "llama", runner.Shape.Vocabulary, runner.Shape.ContextLength, "bench"), new BatchingOptions { Scheduler = new SchedulerOptions { MaxRunning = Batch } }, TimeProvider.System);
        var constraint = new Constraint(Compile("""{"type":"array","items":{"type":"object","additionalProperties":{"type":["string","integer"]}},"minItems":1000}"""), TokenTrie.Of(folder.Tokenizer, runner.Shape.Vocabulary));
        var ratios = new List<double>();
        for (var round = 0; round < 7; round++)
        {
            var (free, bound) = (await SpeedAsync(backend, null), await SpeedAsync(backend, constraint));
            if (round > 0) ratios.Add(bound / free); // the first warms up
            output.WriteLine($"batch {Batch}: {free:F1} tokens/s free, {bound:F1} constrained");
        }

        output.WriteLine($"constrained answers have {ratios.Order().ElementAt(ratios.Count / 2):P1} of the speed of free ones, median of {ratios.Count}");
    }

    private static async Task<double> SpeedAsync(BatchingBackend backend, Constraint? constraint)
    {
        var requests = Enumerable.Range(0, Batch).Select(i => new GenerationRequest(new[] { 1, 2 + i, 3 }, new SamplingOptions { Temperature = 1, Seed = i }, Length, []) { Constraint = constraint }).ToList();
        var start = Stopwatch.GetTimestamp();
        var tokens = 0;
        await Task.WhenAll(backend.Generate(requests, default).Select(async answer =>
        {
            await foreach (var one in answer)
                if (one.Token >= 0) Interlocked.Increment(ref tokens);
        }));
        return tokens / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    // Random tokens, those that begin with a quote or a bracket oftener, so that answers are of a usual length.
    private static List<double> Answer(Grammar grammar, TokenTrie trie, Random random)
    {
        var matcher = grammar.Matcher(trie);
        var mask = new ulong[trie.MaskWords];
        var times = new List<double>();
        for (var step = 0; step < 200 && !matcher.IsComplete; step++)
        {
            var start = Stopwatch.GetTimestamp();
            matcher.FillMask(mask);
            var spent = Stopwatch.GetElapsedTime(start);
            var token = Pick(mask, trie, random);
            start = Stopwatch.GetTimestamp();
            matcher.TryAdvance(token);
            times.Add((spent + Stopwatch.GetElapsedTime(start)).TotalMicroseconds);
        }

        return times;
    }

    private static int Pick(ulong[] mask, TokenTrie trie, Random random)
    {
        var found = -1;
        for (var tries = 0; tries < 200; tries++)
        {
            var token = random.Next(trie.Vocabulary);
            if ((mask[token >> 6] >> token & 1) == 0) continue;
            found = token;
            if (trie.BytesOf(token)[0] is (byte)'"' or (byte)'}' or (byte)']' || tries > 30) return token;
        }

        for (var token = random.Next(trie.Vocabulary); found < 0; token = (token + 1) % trie.Vocabulary)
            if ((mask[token >> 6] >> token & 1) != 0) found = token;
        return found;
    }

    private static string Wide() =>
        """{"type":"object","properties":{""" + string.Join(',', Enumerable.Range(0, 200).Select(static i => $"\"property_{i}\":{Kinds[i % Kinds.Length]}")) + """},"additionalProperties":false}""";

    private static Grammar Compile(string schema)
    {
        using var document = JsonDocument.Parse(schema);
        return Grammar.OfSchema(document.RootElement);
    }

    private static double Median(int rounds, Func<Grammar> action)
    {
        var times = new List<double>();
        for (var i = 0; i < rounds; i++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return times.Order().ElementAt(rounds / 2);
    }
}
