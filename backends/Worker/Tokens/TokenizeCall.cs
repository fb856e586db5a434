using Gateway.Worker.Chat;
using Gateway.Worker.Errors;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;

namespace Gateway.Worker.Tokens;

/// <summary>A text, or a conversation, as tokens.</summary>
/// <param name="Ids">The tokens.</param>
/// <param name="WithTexts">Whether their texts come beside them (vLLM's <c>return_token_strs</c>).</param>
/// <param name="WithPieces">Whether each comes with its text (llama.cpp's <c>with_pieces</c>).</param>
internal sealed record TokenizeCall(int[] Ids, bool WithTexts, bool WithPieces)
{
    public static TokenizeCall Read(JsonFields fields, LoadedModel model)
    {
        SharedFields.CheckModel(fields, model);
        var text = fields.Text("prompt");
        var content = fields.Text("content"); // llama.cpp's name for it
        var special = fields.Flag("add_special_tokens");
        special = fields.Flag("add_special") ?? special;
        var parse = fields.Flag("parse_special") ?? true;
        var ids = (text ?? content) switch
        {
            { } plain => model.Tokenizer.Encode(plain, special ?? true, parse),
            null when !fields.Has("messages") => throw Problems.Missing("prompt"),
            // The template writes the special tokens itself, unless the caller wants them twice.
            null => special is true ? model.Tokenizer.Encode(ChatPromptReader.Read(fields, model, Tools.ToolsReader.Read(fields, model)?.Shown).Text) : ChatPromptReader.Read(fields, model).Ids,
        };
        return new TokenizeCall(ids, fields.Flag("return_token_strs") ?? false, fields.Flag("with_pieces") ?? false);
    }
}
