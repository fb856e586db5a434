using Gateway.Engine.Encoders;
using Gateway.Worker.Errors;
using Gateway.Worker.Models;

namespace Gateway.Worker.Requests;

/// <summary>What happens to a text that is too long: refused as in the contract, or cut where the request asks for it.</summary>
/// <param name="Tokens">Most tokens of a text.</param>
/// <param name="Cuts">Whether more are cut off and not refused.</param>
internal readonly record struct InputLimit(int Tokens, bool Cuts)
{
    /// <summary>vLLM's <c>truncate_prompt_tokens</c>: −1 for what the model takes, or a number of tokens.</summary>
    public static InputLimit Read(JsonFields fields, LoadedEncoder model, bool cuts = false) => fields.Integer("truncate_prompt_tokens", -1, model.Context) switch
    {
        null => new InputLimit(model.Context, cuts),
        -1 => new InputLimit(model.Context, true),
        0 => throw Problems.BelowMinimum("truncate_prompt_tokens", "integer", 1, "0"),
        { } tokens => new InputLimit((int)tokens, true),
    };

    public EncoderInput Apply(FramedText text, string path, LoadedEncoder model)
    {
        if (text.IsCut && !Cuts) throw Problems.InputTooLong(path, model.Context, text.FullLength);
        foreach (var id in text.Input.Tokens.Span)
            if (id >= model.Backend.Card.Vocabulary) throw Problems.Invalid(path, $"Invalid '{path}': the token {id} has no place in the model's {model.Backend.Card.Vocabulary} tokens.");
        return text.Input;
    }
}
