using System.Text;
using System.Text.Json;
using Gateway.Engine.Backend;
using Gateway.Engine.Constraints;

namespace Gateway.Worker.Tests;

/// <summary>Remembers what it was asked for, in a form that can be compared.</summary>
internal sealed class RecordingBackend(IModelBackend inner) : IModelBackend
{
    /// <summary>The last call's requests.</summary>
    public string Asked { get; private set; } = "";

    public ModelCard Card => inner.Card;

    public BackendLoad Load => inner.Load;

    public IReadOnlyList<IAsyncEnumerable<TokenEvent>> Generate(IReadOnlyList<GenerationRequest> requests, CancellationToken cancellation)
    {
        Asked = string.Join('\n', requests.Select(request =>
            $"{string.Join(' ', request.Prompt.ToArray())} {request.MaxNewTokens} {string.Join(' ', request.EndTokens)} {request.PromptLogProbs} {JsonSerializer.Serialize(request.Sampling)} {request} {Allowed(request.Constraint, "")} {Allowed(request.Constraint, "<tool_call>\n{\"name\": \"")}"));
        return inner.Generate(requests, cancellation);
    }

    // What a constraint is shows in what it lets through: always the first token it allows, after some text.
    private static string Allowed(Constraint? constraint, string after)
    {
        if (constraint is null) return "";
        var matcher = constraint.Matcher();
        if (after.Length > 0 && !matcher.TryAdvance(Encoding.UTF8.GetBytes(after))) return "nothing";
        var mask = new ulong[constraint.Trie.MaskWords];
        var path = new StringBuilder();
        for (var step = 0; step < 60 && !matcher.IsComplete; step++)
        {
            matcher.FillMask(mask);
            var token = Enumerable.Range(0, constraint.Trie.Vocabulary).First(id => (mask[id >> 6] >> id & 1) != 0);
            matcher.TryAdvance(token);
            path.Append(token).Append(matcher.IsAccepting ? "! " : " ");
        }

        return path.ToString();
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
