using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Gateway.Engine.Models;
using Gateway.Engine.Models.Safetensors;
using Gateway.TestKit.Encoders;
using Gateway.Worker.Hosting;
using Gateway.Worker.Models;

namespace Gateway.Worker.Tests;

public class EmbeddingTests
{
    private const string Url = "/v1/embeddings";

    [Fact]
    public async Task A_text_gets_the_reference_s_vector_and_its_tokens_are_counted()
    {
        await using var surface = await EncoderSurface.StartAsync("bert-mean");

        var answer = await surface.EmbedAsync("\"input\":\"The quick brown fox.\",\"user\":\"u\"");

        ((string?)answer["object"]).ShouldBe("list");
        ((string?)answer["model"]).ShouldBe("m");
        var entry = answer["data"]!.AsArray().ShouldHaveSingleItem()!;
        ((string?)entry["object"]).ShouldBe("embedding");
        ((int)entry["index"]!).ShouldBe(0);
        Near(Floats(entry), Golden("bert-mean", "plain")[0]);
        ((int)answer["usage"]!["prompt_tokens"]!).ShouldBe(7);
        ((int)answer["usage"]!["total_tokens"]!).ShouldBe(7);
    }

    [Fact]
    public async Task Texts_their_ids_and_their_ids_without_frame_give_the_same_vectors_in_the_order_of_the_inputs()
    {
        await using var surface = await EncoderSurface.StartAsync("bert-mean");
        var golden = Golden("bert-mean", "plain");

        var texts = await surface.EmbedAsync("\"input\":[\"What is the capital of France?\",\"hello\"]");
        var framed = await surface.EmbedAsync("\"input\":[[2,170,114,119,260,161,266,20,3],[2,28,183,90,79,3]]");
        var bare = await surface.EmbedAsync("\"input\":[170,114,119,260,161,266,20]");

        Near(Floats(texts["data"]![0]!), golden[7]);
        Near(Floats(texts["data"]![1]!), golden[2]);
        Near(Floats(framed["data"]![0]!), golden[7]);
        Near(Floats(framed["data"]![1]!), golden[2]);
        Near(Floats(bare["data"]![0]!), golden[7]);
        texts["data"]!.AsArray().Select(entry => (int)entry!["index"]!).ShouldBe([0, 1]);
        ((int)texts["usage"]!["prompt_tokens"]!).ShouldBe(15);
    }

    [Fact]
    public async Task Base64_and_numbers_are_the_same_float32_bit_for_bit()
    {
        await using var surface = await EncoderSurface.StartAsync("bert-cls-dense");

        var numbers = await surface.EmbedAsync("\"input\":\"hello\",\"encoding_format\":\"float\"");
        var coded = await surface.EmbedAsync("\"input\":\"hello\",\"encoding_format\":\"base64\"");

        var floats = Floats(numbers["data"]![0]!);
        floats.Length.ShouldBe(32);
        Convert.FromBase64String((string)coded["data"]![0]!["embedding"]!).ShouldBe(MemoryMarshal.AsBytes(floats.AsSpan()).ToArray());
    }

    [Fact]
    public async Task Fewer_dimensions_are_the_first_ones_at_length_one()
    {
        await using var surface = await EncoderSurface.StartAsync("bert-mean");
        var all = Floats((await surface.EmbedAsync("\"input\":\"hello\""))["data"]![0]!);

        var few = Floats((await surface.EmbedAsync("\"input\":\"hello\",\"dimensions\":8"))["data"]![0]!);

        var norm = Math.Sqrt(all.Take(8).Sum(x => (double)x * x));
        Near(few, [.. all.Take(8).Select(x => (float)(x / norm))]);
        Floats((await surface.EmbedAsync("\"input\":\"hello\",\"dimensions\":64"))["data"]![0]!).ShouldBe(all);
    }

    [Fact]
    public async Task A_prompt_asked_for_by_name_goes_before_the_text_and_counts()
    {
        await using var surface = await EncoderSurface.StartAsync("xlmr-cls");
        var plain = await surface.EmbedAsync("\"input\":\"hello\"");

        var query = await surface.EmbedAsync("\"input\":\"hello\",\"prompt_name\":\"query\"");

        Near(Floats(plain["data"]![0]!), Golden("xlmr-cls", "plain")[2]);
        Near(Floats(query["data"]![0]!), Golden("xlmr-cls", "query")[2]);
        ((int)query["usage"]!["prompt_tokens"]!).ShouldBeGreaterThan((int)plain["usage"]!["prompt_tokens"]!);
        var error = await surface.RefusedAsync(Url, "\"input\":\"hello\",\"prompt_name\":\"other\"");
        ((string?)error["param"]).ShouldBe("prompt_name");
        ((string?)error["message"])!.ShouldContain("'passage', 'query'");
    }

    [Fact]
    public async Task A_text_that_is_too_long_is_refused_with_both_numbers_or_cut_where_asked_for()
    {
        await using var surface = await EncoderSurface.StartAsync("bert-cls-dense");
        var text = string.Concat(Enumerable.Repeat("Paris is the capital of France. ", 12));

        var error = await surface.RefusedAsync(Url, $"\"input\":[\"hello\",\"{text}\"]");
        var cut = await surface.EmbedAsync($"\"input\":\"{text}\",\"truncate_prompt_tokens\":-1");
        var shorter = await surface.EmbedAsync($"\"input\":\"{text}\",\"truncate_prompt_tokens\":10");

        ((string?)error["code"]).ShouldBe("context_length_exceeded");
        ((string?)error["param"]).ShouldBe("input[1]");
        ((string?)error["message"])!.ShouldContain("32 tokens");
        ((string?)error["message"])!.ShouldContain("86 tokens");
        Near(Floats(cut["data"]![0]!), Golden("bert-cls-dense", "plain")[8]);
        ((int)cut["usage"]!["prompt_tokens"]!).ShouldBe(32);
        ((int)shorter["usage"]!["prompt_tokens"]!).ShouldBe(10);
    }

    [Fact]
    public async Task Two_thousand_and_forty_eight_inputs_are_answered_and_one_more_is_refused()
    {
        await using var surface = await EncoderSurface.StartAsync("bert-cls-dense");
        static string Inputs(int count) => $"\"input\":[{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"text {i % 40}\""))}],\"encoding_format\":\"base64\"";

        var data = (await surface.EmbedAsync(Inputs(2048)))["data"]!.AsArray();
        var error = await surface.RefusedAsync(Url, Inputs(2049));

        data.Count.ShouldBe(2048);
        data.Select(entry => (int)entry!["index"]!).ShouldBe(Enumerable.Range(0, 2048));
        var far = Convert.FromBase64String((string)data[2041]!["embedding"]!);
        Near(MemoryMarshal.Cast<byte, float>(far).ToArray(), MemoryMarshal.Cast<byte, float>(Convert.FromBase64String((string)data[1]!["embedding"]!)).ToArray());
        ((string?)error["code"]).ShouldBe("array_above_max_length");
        ((string?)error["param"]).ShouldBe("input");
    }

    [Theory]
    [InlineData("\"x\":1", "input", "missing_required_parameter")]
    [InlineData("\"input\":\"\"", "input", "invalid_value")]
    [InlineData("\"input\":[]", "input", "empty_array")]
    [InlineData("\"input\":[\"a\",\"\"]", "input[1]", "invalid_value")]
    [InlineData("\"input\":[\"a\",1]", "input[1]", "invalid_type")]
    [InlineData("\"input\":[1,\"a\"]", "input[1]", "invalid_type")]
    [InlineData("\"input\":[[1],2]", "input[1]", "invalid_type")]
    [InlineData("\"input\":[[]]", "input[0]", "empty_array")]
    [InlineData("\"input\":[null]", "input[0]", "invalid_type")]
    [InlineData("\"input\":7", "input", "invalid_type")]
    [InlineData("\"input\":{}", "input", "invalid_type")]
    [InlineData("\"input\":[-1]", "input[0]", "integer_below_min_value")]
    [InlineData("\"input\":[271]", "input[0]", "integer_above_max_value")]
    [InlineData("\"input\":[1.5]", "input[0]", "invalid_type")]
    [InlineData("\"input\":\"a\",\"dimensions\":0", "dimensions", "integer_below_min_value")]
    [InlineData("\"input\":\"a\",\"dimensions\":65", "dimensions", "integer_above_max_value")]
    [InlineData("\"input\":\"a\",\"dimensions\":\"8\"", "dimensions", "invalid_type")]
    [InlineData("\"input\":\"a\",\"encoding_format\":\"hex\"", "encoding_format", "invalid_value")]
    [InlineData("\"input\":\"a\",\"encoding_format\":1", "encoding_format", "invalid_type")]
    [InlineData("\"input\":\"a\",\"user\":1", "user", "invalid_type")]
    [InlineData("\"input\":\"a\",\"prompt_name\":\"query\"", "prompt_name", "unsupported_parameter")]
    [InlineData("\"input\":\"a\",\"truncate_prompt_tokens\":0", "truncate_prompt_tokens", "integer_below_min_value")]
    public async Task A_wrong_field_is_named(string fields, string param, string code)
    {
        await using var surface = await EncoderSurface.StartAsync("bert-mean");
        var error = await surface.RefusedAsync(Url, fields);
        ((string?)error["param"]).ShouldBe(param);
        ((string?)error["code"]).ShouldBe(code);
    }

    [Theory]
    [InlineData("input")]
    [InlineData("dimensions")]
    [InlineData("encoding_format")]
    [InlineData("user")]
    [InlineData("prompt_name")]
    [InlineData("truncate_prompt_tokens")]
    public async Task A_field_of_any_kind_is_accepted_or_refused_by_name(string field)
    {
        await using var surface = await EncoderSurface.StartAsync("xlmr-cls");
        await surface.MustNameAsync(Url, "\"input\":\"a\"", field);
    }

    [Fact]
    public async Task A_folder_with_an_ONNX_graph_and_no_weights_is_served_alike()
    {
        using var folder = new TemporaryFolder();
        ExportedBert.Write(Shared.Golden("embeddings", "bert-mean"), folder.Path);
        await using var surface = await EncoderSurface.OpenAsync(folder.Path);

        var answer = await surface.EmbedAsync("\"input\":[\"hello\",\"What is the capital of France?\"]");

        Near(Floats(answer["data"]![0]!), Golden("bert-mean", "plain")[2]);
        Near(Floats(answer["data"]![1]!), Golden("bert-mean", "plain")[7]);
    }

    [Fact]
    public async Task The_onnx_backend_serves_the_same_folder_with_the_same_vectors()
    {
        await using var surface = await EncoderSurface.OpenAsync(Shared.Golden("embeddings", "bert-mean"), backend: "onnx");
        Near(Floats((await surface.EmbedAsync("\"input\":\"hello\""))["data"]![0]!), Golden("bert-mean", "plain")[2]);
    }

    [Theory]
    [InlineData("qwen3-lasttoken", "onnx", "auto", "use torch")]
    [InlineData("bert-mean", "auto", "q4", "'q4'")]
    [InlineData("bert-mean", "torch", "bf16", "'bf16'")]
    public void What_an_engine_cannot_do_is_refused_when_the_model_is_loaded(string golden, string backend, string weights, string mentions) =>
        Should.Throw<ModelFolderException>(() => ModelLoader.Load(new ServeOptions("m", Shared.Golden("embeddings", golden)) { Backend = backend, Weights = weights }, TimeProvider.System, _ => { }))
            .Message.ShouldContain(mentions);

    [Fact]
    public async Task A_field_that_is_not_known_is_named_in_the_answer_s_header()
    {
        await using var surface = await EncoderSurface.StartAsync("bert-mean");
        (await surface.IgnoredAsync(Url, "\"input\":\"a\",\"input_type\":\"query\",\"user\":\"u\"")).ShouldBe("input_type");
    }

    [Fact]
    public async Task What_another_kind_of_model_is_for_is_refused_with_the_way_to_go()
    {
        await using var embedder = await EncoderSurface.StartAsync("bert-mean");
        await using var chat = await Surface.WithEngineAsync();
        ((string?)(await embedder.RefusedAsync("/v1/chat/completions", "\"messages\":[]"))["message"])!.ShouldContain("/v1/embeddings");
        ((string?)(await embedder.RefusedAsync("/v1/completions", "\"prompt\":\"a\""))["message"])!.ShouldContain("/v1/embeddings");
        ((string?)(await embedder.RefusedAsync("/v1/rerank", "\"query\":\"a\""))["message"])!.ShouldContain("/v1/embeddings");
        ((string?)(await chat.RefusedAsync(Url, """{"model":"tiny-chat","input":"a"}"""))["message"])!.ShouldContain("/v1/chat/completions");
    }

    internal static float[] Floats(JsonNode entry) => [.. entry["embedding"]!.AsArray().Select(value => (float)value!)];

    private static float[][] Golden(string model, string prompt)
    {
        using var file = new SafetensorsFile(Shared.GoldenOrOptional("embeddings", model, "goldens.safetensors"));
        var stored = file.Tensors[prompt];
        var values = new float[stored.Count];
        stored.Read(0, values);
        return [.. values.Chunk((int)stored.Shape[1])];
    }

    private static void Near(float[] vector, float[] expected)
    {
        vector.Length.ShouldBe(expected.Length);
        for (var i = 0; i < vector.Length; i++) ((double)vector[i]).ShouldBe(expected[i], 2e-5);
    }
}
