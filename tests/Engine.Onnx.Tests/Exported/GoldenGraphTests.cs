using Gateway.Engine.Backend;
using Gateway.Engine.Onnx.Exported;
using Gateway.Engine.Runner;
using Gateway.Engine.Sampling;
using Gateway.Engine.Scheduling;

namespace Gateway.Engine.Onnx.Tests.Exported;

public class GoldenGraphTests
{
    public static TheoryData<string> Graphs =>
    [
        "optimum/llama", "optimum/llama:f16", "optimum/llama:q4", "optimum/llama:q4f16", "optimum/llama:q8", "optimum/llama:int8", "optimum/llama:bnb4",
        "optimum/llama-external", "optimum/gpt2", "optimum/gpt2:f16", "optimum/gpt2:int8", "optimum/gpt2-merged",
        "optimum/qwen2", "optimum/qwen2:q4f16", "optimum/qwen2:uint8",
        "genai/llama-fp32-cpu", "genai/llama-fp16-cuda", "genai/llama-int4-cpu", "genai/llama-int8-cpu", "genai/gemma2-fp32-cpu", "genai/gemma2-int4-cpu-prunelmhead_true",
        "genai/mistral-int4-cpu-algoconfig_k_quant_mixed", "genai/phi3-int4-cpu-issymmetric_false", "genai/phi3-int4-cuda", "genai/qwen2-fp16-cuda",
        "genai/qwen2-int4-cpu-sharedembeddings_true", "genai/qwen3-fp32-cpu", "genai/qwen3-int4-cpu-accuracylevel_0-blocksize_64",
    ];

    [Theory]
    [MemberData(nameof(Graphs))]
    public void The_first_logits_are_those_of_the_reference(string graph)
    {
        using var golden = ExportedGolden.Open(graph);
        using var runner = golden.Load();
        for (var prompt = 0; prompt < golden.Prompts.Count; prompt++)
        {
            var logits = new float[runner.Shape.Vocabulary];
            runner.Forward([Whole(golden.Prompts[prompt], 1)], logits);
            Distance(logits, golden.Logits($"{prompt}.first_logits")).ShouldBeLessThan(golden.Tolerance, $"prompt {prompt}");
        }
    }

    [Theory]
    [MemberData(nameof(Graphs))]
    public async Task Greedy_tokens_are_those_of_the_reference_alone_and_in_company(string graph)
    {
        using var golden = ExportedGolden.Open(graph);
        // Blocks of four positions and room for two prompts or so: prefixes are shared, prompts come in pieces, sequences are preempted.
        await using var roomy = Serve(golden.Load(), new SchedulerOptions());
        await using var tight = Serve(golden.Load(new OnnxOptions { BlockSize = 4, BlockCount = 40 }), new SchedulerOptions { StepTokens = 16, MaxRunning = 12 });
        foreach (var backend in new[] { roomy, tight })
        {
            var alone = await Generate(backend, golden.Prompts[0], 24);
            if (backend == roomy) ShouldAgree(golden, 0, alone);
            var together = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Generate(backend, golden.Prompts[i % golden.Prompts.Count], 24)));
            for (var i = 0; i < together.Length; i++) ShouldAgree(golden, i % golden.Prompts.Count, together[i]);
        }
    }

    [Theory]
    [MemberData(nameof(Graphs))]
    public void A_prompt_in_pieces_has_the_logits_of_the_whole_at_every_position(string graph)
    {
        using var golden = ExportedGolden.Open(graph);
        using var runner = golden.Load();
        // One scale for all activations of a pass: pieces are rounded differently from the whole, and the runner says so.
        if (golden.IsDynamic) runner.Notes.ShouldContain(note => note.Contains("rounded differently", StringComparison.Ordinal));
        var (prompt, width) = (golden.Prompts[^1], runner.Shape.Vocabulary);
        var whole = new float[prompt.Length * width];
        runner.Forward([Whole(prompt, prompt.Length)], whole);
        var pieces = new float[prompt.Length * width];
        for (var start = 0; start < prompt.Length; start += 7)
        {
            var count = Math.Min(7, prompt.Length - start);
            runner.Forward([new Slice(2, prompt.AsMemory(start, count), start, new[] { 9, 8, 7, 6 }, count)], pieces.AsSpan(start * width, count * width));
        }

        // Each side may be as far from the reference as the golden data allow, so twice that from the other (seen: 0.33 to 0.69 of 1.0).
        Distance(pieces, whole).ShouldBeLessThan(golden.IsDynamic ? 2 * golden.Tolerance : golden.Tolerance);
    }

    internal static Slice Whole(int[] prompt, int rows) => new(1, prompt, 0, new[] { 5, 3, 4, 1 }, rows);

    internal static double Distance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        a.Length.ShouldBe(b.Length);
        var most = 0f;
        for (var i = 0; i < a.Length; i++) most = Math.Max(most, Math.Abs(a[i] - b[i]));
        return most;
    }

    private static BatchingBackend Serve(ExportedRunner runner, SchedulerOptions scheduler) =>
        new(runner, new ModelCard("golden", "exported", runner.Shape.Vocabulary, runner.Shape.ContextLength, "onnx"), new BatchingOptions { Scheduler = scheduler }, TimeProvider.System);

    private static async Task<List<int>> Generate(BatchingBackend backend, int[] prompt, int count)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var events = await backend.Generate([new GenerationRequest(prompt, SamplingOptions.Greedy, count, [])], cancellation)[0].ToListAsync(cancellation);
        return [.. events.Select(e => e.Token)];
    }

    /// <summary>The same tokens, as far as each was chosen by more than rounding may move two logits apart.</summary>
    private static void ShouldAgree(ExportedGolden golden, int prompt, List<int> found)
    {
        var margins = golden.Margins(prompt);
        var sure = Array.FindIndex(margins, margin => margin <= 4 * golden.Tolerance) is var doubtful and >= 0 ? doubtful : margins.Length;
        found.Count.ShouldBe(margins.Length);
        found.Take(sure).ShouldBe(golden.Tokens(prompt).Take(sure));
    }
}
