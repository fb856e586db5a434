using System.Text.Json.Serialization;
using Gateway.Keys;

namespace Gateway.AdminConsole;

/// <summary>A session as its own page sees it.</summary>
/// <param name="SignedIn">Whether there is one.</param>
/// <param name="NeedsKey">Whether it takes a key to begin one.</param>
/// <param name="Name">Of the key.</param>
/// <param name="Csrf">What goes into <c>x-gateway-csrf</c> of each change.</param>
/// <param name="EndsAt">Unix seconds, if nothing more comes.</param>
/// <param name="ServesCalls">Whether calls to models are answered at this address too.</param>
internal sealed record SessionEntry(bool SignedIn, bool NeedsKey, string? Name, string? Csrf, long? EndsAt, bool? ServesCalls)
{
    public string Object { get; } = "session";

    public static SessionEntry None(bool needsKey) => new(false, needsKey, null, null, null, null);

    public static SessionEntry Of(Session session, Caller caller, bool servesCalls) =>
        new(true, session.Key is not null, caller.Name, session.CrossSiteToken, session.Ends.ToUnixTimeSeconds(), servesCalls);
}

/// <summary>How it is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SessionEntry))]
internal sealed partial class SessionJson : JsonSerializerContext;
