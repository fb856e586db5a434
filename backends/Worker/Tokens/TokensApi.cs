using System.Text.Json;
using Gateway.Engine.Text;
using Gateway.Worker.Chat;
using Gateway.Worker.Errors;
using Gateway.Worker.Generation;
using Gateway.Worker.Hosting;
using Gateway.Worker.Models;
using Gateway.Worker.Requests;
using Gateway.Worker.Tools;

namespace Gateway.Worker.Tokens;

/// <summary>
/// Texts to tokens, tokens to text, and messages to the prompt that the template makes of them: under <c>/v1</c>, and under the addresses that
/// users of vLLM and llama.cpp know, with the fields of both.
/// </summary>
internal sealed class TokensApi(ModelSlot slot, WorkerLimits limits)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var path in (string[])["/v1/tokenize", "/tokenize"]) routes.MapPost(path, (HttpContext http, TokensApi api) => api.TokenizeAsync(http));
        foreach (var path in (string[])["/v1/detokenize", "/detokenize"]) routes.MapPost(path, (HttpContext http, TokensApi api) => api.DetokenizeAsync(http));
        foreach (var path in (string[])["/v1/chat/render", "/apply-template"]) routes.MapPost(path, (HttpContext http, TokensApi api) => api.RenderAsync(http));
    }

    private async Task TokenizeAsync(HttpContext http)
    {
        var model = slot.Required;
        TokenizeCall call;
        using (var body = await RequestBody.ReadAsync(http.Request, limits.MaxBodyBytes, http.RequestAborted))
        {
            var fields = JsonFields.Of(body.RootElement);
            call = TokenizeCall.Read(fields, model);
            IgnoredFields.Report(http.Response, fields);
        }

        await Answer.JsonAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("count"u8, call.Ids.Length);
            json.WriteNumber("max_model_len"u8, model.Context);
            if (call.WithPieces) WritePieces(json, model.Tokenizer, call.Ids);
            else TokenIds.Write(json, "tokens"u8, call.Ids);
            if (call.WithTexts) WriteTexts(json, model.Tokenizer, call.Ids);
            json.WriteEndObject();
        });
    }

    private async Task DetokenizeAsync(HttpContext http)
    {
        var model = slot.Required;
        string text;
        using (var body = await RequestBody.ReadAsync(http.Request, limits.MaxBodyBytes, http.RequestAborted))
        {
            var fields = JsonFields.Of(body.RootElement);
            SharedFields.CheckModel(fields, model);
            var tokens = fields.Array("tokens") ?? throw Problems.Missing("tokens");
            var last = model.Backend.Card.Vocabulary - 1;
            int[] ids = [.. tokens.EnumerateArray().Select((id, at) => (int)JsonFields.AsInteger(id, $"tokens[{at}]", 0, last))];
            text = model.Tokenizer.Decode(ids, fields.Flag("skip_special_tokens") ?? false);
            IgnoredFields.Report(http.Response, fields);
        }

        await Answer.JsonAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("prompt"u8, text);
            json.WriteString("content"u8, text); // llama.cpp's name for it
            json.WriteEndObject();
        });
    }

    private async Task RenderAsync(HttpContext http)
    {
        var model = slot.Required;
        ChatPrompt prompt;
        using (var body = await RequestBody.ReadAsync(http.Request, limits.MaxBodyBytes, http.RequestAborted))
        {
            var fields = JsonFields.Of(body.RootElement);
            SharedFields.CheckModel(fields, model);
            prompt = ChatPromptReader.Read(fields, model, ToolsReader.Read(fields, model)?.Shown);
        }

        await Answer.JsonAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("prompt"u8, prompt.Text);
            json.WriteNumber("count"u8, prompt.Ids.Length);
            json.WriteNumber("max_model_len"u8, model.Context);
            TokenIds.Write(json, "tokens"u8, prompt.Ids);
            json.WriteEndObject();
        });
    }

    private static void WriteTexts(Utf8JsonWriter json, Tokenizer tokenizer, int[] ids)
    {
        json.WriteStartArray("token_strs"u8);
        foreach (var id in ids) json.WriteStringValue(tokenizer.TokenText(id) ?? "");
        json.WriteEndArray();
    }

    // llama.cpp's form: a piece is text, or its bytes where it is part of a character.
    private static void WritePieces(Utf8JsonWriter json, Tokenizer tokenizer, int[] ids)
    {
        json.WriteStartArray("tokens"u8);
        foreach (var id in ids)
        {
            json.WriteStartObject();
            json.WriteNumber("id"u8, id);
            var bytes = tokenizer.TokenBytes(id).Span;
            if (System.Text.Unicode.Utf8.IsValid(bytes)) json.WriteString("piece"u8, TokenNames.Name(tokenizer, id));
            else
            {
                json.WriteStartArray("piece"u8);
                foreach (var b in bytes) json.WriteNumberValue(b);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
