using System.Security.Cryptography;
using System.Text;

namespace Gateway.Worker.Chat;

/// <summary>A tool call of an answer, while it is made.</summary>
internal sealed class ChatToolCall(string name)
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>Unique: clients send it back with the result.</summary>
    public string Id { get; } = $"call_{RandomNumberGenerator.GetString(Letters, 24)}";

    public string Name { get; } = name;

    /// <summary>JSON, as text.</summary>
    public StringBuilder Arguments { get; } = new();
}
