using System.Text.Json.Nodes;

namespace Gateway.Engine.Text;

/// <summary>What a chat template is given.</summary>
/// <param name="Messages">OpenAI's messages.</param>
/// <param name="Tools">OpenAI's tools.</param>
/// <param name="Documents">Documents for templates that quote them.</param>
/// <param name="AddGenerationPrompt">Whether the assistant's turn is opened at the end.</param>
/// <param name="ContinueFinalMessage">Whether the last message is left open to be continued.</param>
/// <param name="SpecialTokens">Texts by name: <c>bos_token</c>, <c>eos_token</c> …</param>
/// <param name="Options">Further variables, such as <c>enable_thinking</c>.</param>
/// <param name="Clock">For <c>strftime_now</c>.</param>
/// <param name="ControlTokens">Texts that become tokens with a meaning; where a user wrote one it is disarmed with <see cref="Tokenizer.Guard"/>.</param>
public sealed record ChatTemplateInput(
    JsonArray Messages,
    JsonArray? Tools = null,
    JsonArray? Documents = null,
    bool AddGenerationPrompt = true,
    bool ContinueFinalMessage = false,
    IReadOnlyDictionary<string, string>? SpecialTokens = null,
    JsonObject? Options = null,
    TimeProvider? Clock = null,
    IReadOnlyList<string>? ControlTokens = null)
{
    /// <summary>Whether tool-call arguments given as OpenAI's JSON text become objects: most templates want that, the reference leaves it to its caller.</summary>
    public bool ParseToolArguments { get; init; } = true;
}
