using System.Security.Cryptography;
using System.Text;

namespace Gateway.Worker.Chat;

/// <summary>A tool call of an answer, while it is made.</summary>
/// <param name="name">The tool's.</param>
/// <param name="isCustom">Whether the tool takes text, not arguments.</param>
internal sealed class ChatToolCall(string name, bool isCustom)
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private readonly StringBuilder text = new();
    private readonly InputText? input = isCustom ? new InputText() : null;

    /// <summary>Unique: clients send it back with the result.</summary>
    public string Id { get; } = $"call_{RandomNumberGenerator.GetString(Letters, 24)}";

    public string Name { get; } = name;

    public bool IsCustom { get; } = isCustom;

    /// <summary>Arguments as JSON, or the input of a custom tool.</summary>
    public string Text => text.ToString();

    /// <summary>Takes more of the arguments; returns what that adds to the text.</summary>
    public string Take(string arguments)
    {
        var more = input is null ? arguments : input.Append(arguments);
        text.Append(more);
        return more;
    }
}
