using System.Text.Json.Nodes;
using Gateway.Engine.Models;
using Gateway.Engine.Text;
using Gateway.Worker.Tools;

namespace Gateway.Worker.Tests.Tools;

/// <summary>Real templates are told apart, and print what their family's form writes.</summary>
public sealed class ToolFamilyTests
{
    [Theory]
    [InlineData("Qwen-Qwen3-0.6B", "hermes")]
    [InlineData("Qwen-QwQ-32B", "hermes")]
    [InlineData("NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use", "hermes")]
    [InlineData("ibm-granite-granite-4.1", "hermes")]
    [InlineData("MiMo-VL", "hermes")]
    [InlineData("Bielik-11B-v3.0-Instruct", "hermes")]
    [InlineData("Qwen3-Coder", "coder")]
    [InlineData("Qwen3.5-4B", "coder")]
    [InlineData("NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", "coder")]
    [InlineData("meta-llama-Llama-3.1-8B-Instruct", "llama")]
    [InlineData("meta-llama-Llama-3.2-3B-Instruct", "llama")]
    [InlineData("mistralai-Mistral-Nemo-Instruct-2407", "mistral")]
    [InlineData("Mistral-Small-3.2-24B-Instruct-2506", "mistral 11 with ids")]
    [InlineData("unsloth-mistral-Devstral-Small-2507", "mistral 11")]
    [InlineData("mistralai-Ministral-3-14B-Reasoning-2512", "mistral 11")]
    [InlineData("ibm-granite-granite-3.3-2B-Instruct", "granite 3")]
    [InlineData("NVIDIA-Nemotron-Nano-v2", "nemotron 2")]
    [InlineData("meetkai-functionary-medium-v3.1", "functionary")]
    [InlineData("LFM2.5-8B-A1B", "liquid")]
    [InlineData("google-gemma-2-2b-it", null)]
    [InlineData("microsoft-Phi-3.5-mini-instruct", null)]
    [InlineData("SmolLM2-135M-Instruct (GGUF)", null)]
    [InlineData("GLM-4.6", null)]
    [InlineData("openai-gpt-oss-120b", null)]
    public void Families_are_known_by_their_templates(string template, string? form)
    {
        using var folder = ModelFolder.Open(Shared.TinyChat);
        var family = ToolFamilies.Of(Source(template), folder.Tokenizer);
        family.Prompted.ShouldBe(form is null);
        family.Form.Name.ShouldBe(form ?? "hermes");
    }

    [Theory]
    [InlineData("Qwen-Qwen3-0.6B", "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"x\"}}\n</tool_call>")]
    [InlineData("Qwen3-Coder", "<tool_call>\n<function=f>\n<parameter=a>\nx\n</parameter>\n</function>\n</tool_call>")]
    [InlineData("meta-llama-Llama-3.1-8B-Instruct", "{\"name\": \"f\", \"parameters\": {\"a\": \"x\"}}")]
    [InlineData("mistralai-Mistral-Nemo-Instruct-2407", "[TOOL_CALLS][{\"name\": \"f\", \"arguments\": {\"a\": \"x\"}")]
    [InlineData("unsloth-mistral-Devstral-Small-2507", "[TOOL_CALLS]f[ARGS]{\"a\": \"x\"}")]
    [InlineData("meetkai-functionary-medium-v3.1", "<function=f>{\"a\": \"x\"}</function>")]
    [InlineData("google-gemma-2-2b-it", "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\":\"x\"}}\n</tool_call>")]
    [InlineData("microsoft-Phi-3.5-mini-instruct", "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\":\"x\"}}\n</tool_call>")]
    public void A_call_and_its_result_are_printed_as_the_family_writes_them(string template, string written)
    {
        using var folder = ModelFolder.Open(Shared.TinyChat);
        var family = ToolFamilies.Of(Source(template), folder.Tokenizer);
        var messages = (JsonArray)JsonNode.Parse("""
            [{"role":"user","content":"go"},
             {"role":"assistant","content":"","tool_calls":[{"id":"call_abcdefghijklmnopqrstuvwx","type":"function","function":{"name":"f","arguments":{"a":"x"}}}]},
             {"role":"tool","tool_call_id":"call_abcdefghijklmnopqrstuvwx","content":"done it"}]
            """)!;
        var tools = (JsonArray)JsonNode.Parse("""[{"type":"function","function":{"name":"f","description":"does a thing","parameters":{"type":"object","properties":{"a":{"type":"string"}}}}}]""")!;
        var shown = ToolMessages.Adapt(messages, tools, family);
        var engine = ChatTemplate.Parse(Source(template), "test");
        var input = new ChatTemplateInput(messages, shown, SpecialTokens: new Dictionary<string, string> { ["bos_token"] = "<s>", ["eos_token"] = "</s>" });
        string text;
        try
        {
            text = engine.Render(input);
        }
        catch (Engine.Text.Jinja.ChatTemplateException) when (family.Prompted)
        {
            ToolMessages.FoldSystem(messages);
            text = engine.Render(input);
        }

        text.ShouldContain(written);
        text.ShouldContain("done it");
        text.ShouldContain("does a thing");
    }

    private static string Source(string template) =>
        (string)JsonNode.Parse(File.ReadAllText(Shared.Optional("golden", "templates", "templates.json")))![template]!;
}
