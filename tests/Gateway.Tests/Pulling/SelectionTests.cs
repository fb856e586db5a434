using Gateway.Pulling;

namespace Gateway.Tests.Pulling;

public class SelectionTests
{
    private static string[] Choose(string files, params string[] asked) =>
        [.. FileSelection.Choose([.. files.Split(' ').Select(path => new HubFile(path, 10, new Digest(new string('0', 64))))], asked, _ => { }).Select(file => file.Path)];

    [Theory]
    [InlineData("config.json README.md model.safetensors pytorch_model.bin", "config.json model.safetensors")]
    [InlineData("model-00001-of-00002.safetensors model-00002-of-00002.safetensors model.safetensors.index.json consolidated.safetensors", "model-00001-of-00002.safetensors model-00002-of-00002.safetensors model.safetensors.index.json")]
    [InlineData("weights.safetensors onnx/model.onnx", "weights.safetensors")]
    [InlineData("model.safetensors modules.json 1_Pooling/config.json 2_Dense/config.json 2_Dense/model.safetensors openvino/model.bin", "modules.json model.safetensors 1_Pooling/config.json 2_Dense/config.json 2_Dense/model.safetensors")]
    [InlineData("config.json a.Q4_K_M.gguf a.Q8_0.gguf a.Q4_K_S.gguf", "a.Q4_K_M.gguf")]
    [InlineData("a-q8_0.gguf a-f16.gguf mmproj-f16.gguf", "a-q8_0.gguf")]
    [InlineData("only.gguf mmproj.gguf", "only.gguf")]
    [InlineData("a-Q4_K_M-00001-of-00002.gguf a-Q4_K_M-00002-of-00002.gguf a-Q8_0.gguf", "a-Q4_K_M-00001-of-00002.gguf a-Q4_K_M-00002-of-00002.gguf")]
    public void The_usual_files_are_those_that_serving_needs(string files, string chosen)
    {
        Choose(files).ShouldBe(chosen.Split(' '), ignoreOrder: true);
    }

    [Theory]
    [InlineData("a.Q4_K_M.gguf a.Q8_0.gguf", "q8_0", "a.Q8_0.gguf")]
    [InlineData("a.F16.gguf a.BF16.gguf", "F16", "a.F16.gguf")]
    [InlineData("a.Q4_K.gguf a.Q4_K_M.gguf config.json", "Q4_K", "a.Q4_K.gguf")]
    [InlineData("onnx/model_q4.onnx onnx/model_q4.onnx_data onnx/model.onnx config.json model.safetensors", "onnx/model_q4.onnx", "onnx/model_q4.onnx onnx/model_q4.onnx_data config.json")]
    [InlineData("cpu/a/genai_config.json cpu/a/model.onnx gpu/model.onnx", "cpu/*", "cpu/a/genai_config.json cpu/a/model.onnx")]
    public void What_is_asked_for_comes_by_name_pattern_or_quantization(string files, string asked, string chosen)
    {
        Choose(files, asked).ShouldBe(chosen.Split(' '), ignoreOrder: true);
    }

    [Theory]
    [InlineData("config.json pytorch_model.bin", null, "pickles")]
    [InlineData("config.json onnx/model.onnx", null, "--file")]
    [InlineData("README.md", null, "no weights")]
    [InlineData("a.gguf b.gguf", null, "a.gguf (10 B), b.gguf (10 B)")]
    [InlineData("a.Q4_0.gguf", "Q8_0", "its GGUF files are a.Q4_0.gguf")]
    public void What_cannot_be_chosen_is_refused_with_what_there_is(string files, string? asked, string expected)
    {
        Should.Throw<PullException>(() => Choose(files, asked is null ? [] : [asked])).Message.ShouldContain(expected);
    }

    [Theory]
    [InlineData("org/name", "org/name", "main", null, "name")]
    [InlineData("hf:org/name@v1.0", "org/name", "v1.0", null, "name")]
    [InlineData("gpt2", "gpt2", "main", null, "gpt2")]
    [InlineData("hf:org/name-GGUF@refs/pr/3:Q4_K_M", "org/name-GGUF", "refs/pr/3", "Q4_K_M", "name-GGUF-Q4_K_M")]
    [InlineData("org/name:onnx/model_q4*", "org/name", "main", "onnx/model_q4*", "name-onnx-model_q4")]
    public void A_reference_names_repository_revision_and_file(string text, string repository, string revision, string? file, string folder)
    {
        var reference = ModelReference.Parse(text);

        (reference.Repository, reference.Revision, reference.File, reference.FolderName).ShouldBe((repository, revision, file, folder));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hf:")]
    [InlineData("org/name/more")]
    [InlineData("../name")]
    [InlineData("org/..")]
    [InlineData("org/name@")]
    [InlineData("org/name@../../x")]
    [InlineData("org/na me")]
    [InlineData("https://hub/org/name")]
    [InlineData("org/name?x=1")]
    [InlineData("org/-name")]
    public void What_is_no_reference_is_refused(string text)
    {
        Should.Throw<PullException>(() => ModelReference.Parse(text)).Message.ShouldContain("org/name");
    }

    [Fact]
    public void Arguments_are_read_in_any_order_and_strange_ones_refused()
    {
        var request = PullCommand.Parse(["--file", "Q8_0", "org/name", "--name", "mine", "--Gateway:ModelsFolder=x", "--config", "c.json"]);

        (request.Model.Repository, request.FolderName).ShouldBe(("org/name", "mine"));
        request.Files.ShouldBe(["Q8_0"]);
        foreach (var wrong in (string[][])[[], ["a/b", "c/d"], ["--all", "a/b"], ["a/b", "--file"]]) Should.Throw<PullException>(() => PullCommand.Parse(wrong));
    }
}
