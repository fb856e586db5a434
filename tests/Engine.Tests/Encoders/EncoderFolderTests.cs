using System.Text.Json.Nodes;
using Gateway.Engine.Encoders;
using Gateway.Engine.Models;

namespace Gateway.Engine.Tests.Encoders;

/// <summary>What folders say, rightly and wrongly. A folder is a copy of a golden one with a file changed.</summary>
public sealed class EncoderFolderTests : IDisposable
{
    private readonly TemporaryFolder temporary = new();

    public void Dispose() => temporary.Dispose();

    [Fact]
    public void The_longest_text_is_max_seq_length_then_the_tokenizer_s_then_the_positions()
    {
        Read("bert-mean").MaxTokens.ShouldBe(128);
        Change("sentence_bert_config.json", null);
        Read().MaxTokens.ShouldBe(192); // the tokenizer says 1e30
        Change("tokenizer_config.json", """{"model_max_length":100}""");
        Read().MaxTokens.ShouldBe(100);
        Change("sentence_roberta_config.json", """{"max_seq_length":5000}""");
        Read().MaxTokens.ShouldBe(192);
    }

    [Fact]
    public void The_first_rows_of_a_RoBERTa_s_positions_are_no_room_for_tokens()
    {
        Read("xlmr-cls");
        Change("sentence_bert_config.json", null);
        Read().MaxTokens.ShouldBe(192); // of 194 rows
    }

    [Fact]
    public void Without_modules_an_encoder_is_pooled_by_the_mean_and_not_normalized()
    {
        Read("bert-mean");
        Change("modules.json", null);
        var folder = Read();
        folder.Readout.Pooling.ShouldBe([PoolingMode.Mean]);
        folder.Readout.Steps.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"word_embedding_dimension":64,"pooling_mode_max_tokens":true,"pooling_mode_cls_token":true}""", new[] { PoolingMode.Cls, PoolingMode.Max })]
    [InlineData("""{"embedding_dimension":64,"pooling_mode":"lasttoken"}""", new[] { PoolingMode.LastToken })]
    [InlineData("""{"embedding_dimension":64,"pooling_mode":"mean+max"}""", new[] { PoolingMode.Max, PoolingMode.Mean })]
    [InlineData("""{"word_embedding_dimension":64,"pooling_mode_weightedmean_tokens":true}""", new[] { PoolingMode.WeightedMean })]
    public void Pooling_is_read_from_flags_and_from_names(string config, PoolingMode[] modes)
    {
        Read("bert-mean");
        Change("1_Pooling/config.json", config);
        Read().Readout.Pooling.ShouldBe(modes);
    }

    [Theory]
    [InlineData("1_Pooling/config.json", """{"word_embedding_dimension":32,"pooling_mode_cls_token":true}""", "64")]
    [InlineData("1_Pooling/config.json", """{"word_embedding_dimension":64}""", "no pooling")]
    [InlineData("1_Pooling/config.json", """{"pooling_mode":"median"}""", "no pooling")]
    [InlineData("1_Pooling/config.json", "[]", "1_Pooling")]
    [InlineData("modules.json", "{}", "list of modules")]
    [InlineData("modules.json", "[{}]", "list of modules")]
    [InlineData("modules.json", """[{"idx":0,"path":"","type":"x.Transformer"}]""", "no pooling")]
    [InlineData("modules.json", """[{"idx":0,"path":"0_Transformer","type":"x.Transformer"}]""", "0_Transformer")]
    [InlineData("modules.json", """[{"idx":0,"path":"","type":"x.WordWeights"}]""", "WordWeights")]
    [InlineData("modules.json", """[{"idx":0,"path":"../1_Pooling","type":"x.Pooling"}]""", "leaves the folder")]
    [InlineData("modules.json", """[{"idx":0,"path":"1_Pooling","type":"x.Pooling"},{"idx":1,"path":"2_Dense","type":"x.Dense"}]""", "2_Dense")]
    [InlineData("sentence_bert_config.json", """{"max_seq_length":0}""", "0")]
    [InlineData("sentence_bert_config.json", """{"max_seq_length":"long"}""", "long")]
    [InlineData("config_sentence_transformers.json", """{"prompts":{"query":1}}""", "query")]
    [InlineData("config_sentence_transformers.json", """{"prompts":{"query":"a"},"default_prompt_name":"other"}""", "other")]
    [InlineData("config.json", """{"model_type":"bert","vocab_size":271,"hidden_size":65,"num_hidden_layers":2,"num_attention_heads":4,"intermediate_size":128,"max_position_embeddings":192}""", "65")]
    [InlineData("config.json", """{"model_type":"bert","position_embedding_type":"relative_key","max_position_embeddings":192}""", "relative_key")]
    public void A_file_that_is_wrong_is_refused_by_name(string file, string content, string mentions)
    {
        Read("bert-mean");
        Change(file, content);
        Should.Throw<ModelFolderException>(() => Read()).Message.ShouldContain(mentions);
    }

    [Fact]
    public void Prompts_and_their_default_are_read()
    {
        var folder = Read("xlmr-cls");
        folder.Prompts["query"].ShouldBe("query: ");
        folder.DefaultPrompt.ShouldBeNull();
        Change("config_sentence_transformers.json", """{"prompts":{"q":"Q "},"default_prompt_name":"q"}""");
        Read().DefaultPrompt.ShouldBe("q");
    }

    [Theory]
    [InlineData("is_causal", false)]
    [InlineData("use_bidirectional_attention", true)]
    public void A_decoder_that_sees_both_ways_is_refused(string key, bool value)
    {
        Read("qwen3-lasttoken").Readout.Pooling.ShouldBe([PoolingMode.LastToken]);
        Edit(config => config[key] = value);
        Should.Throw<ModelFolderException>(() => Read()).Message.ShouldContain("both directions");
    }

    [Fact]
    public void A_network_of_an_unknown_kind_is_refused_with_those_that_are_known()
    {
        Read("bert-mean");
        Edit(config => config["model_type"] = "funnel");
        var message = Should.Throw<ModelFolderException>(() => Read()).Message;
        message.ShouldContain("'funnel'");
        message.ShouldContain("modernbert");
    }

    [Fact]
    public void A_reranker_names_its_labels()
    {
        var folder = Read("bert-reranker");
        folder.Task.ShouldBe(EncoderTask.Scoring);
        folder.Labels.ShouldBe(["LABEL_0"]);
        folder.Readout.Width.ShouldBe(1);
        Edit(config => config["id2label"] = new JsonObject { ["0"] = "no", ["1"] = "yes" });
        Should.Throw<ModelFolderException>(() => Read()).Message.ShouldContain("classifier.weight");
    }

    /// <param name="golden">Which folder to begin with; without it the one that is there.</param>
    private EncoderFolder Read(string? golden = null)
    {
        if (golden is not null) Copy(Shared.Golden("embeddings", golden), temporary.Path);
        using var folder = ModelFolder.Open(temporary.Path);
        return EncoderFolder.Read(folder);
    }

    private void Change(string file, string? content)
    {
        if (content is null) File.Delete(temporary.File(file));
        else File.WriteAllText(temporary.File(file), content);
    }

    private void Edit(Action<JsonObject> change)
    {
        var config = (JsonObject)JsonNode.Parse(File.ReadAllText(temporary.File("config.json")))!;
        change(config);
        Change("config.json", config.ToJsonString());
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
            File.SetAttributes(target, FileAttributes.Normal);
        }
    }
}
