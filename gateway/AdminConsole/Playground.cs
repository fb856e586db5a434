using Gateway.Admin;
using Gateway.Configuration;
using Gateway.Forwarding;
using Gateway.Keys;
using Gateway.Models;

namespace Gateway.AdminConsole;

/// <summary>
/// Calls to models by whoever administers, beside the admin API so that its port and its cookie serve them. They are made and counted as
/// those of a caller of their own, whatever key is behind the session.
/// </summary>
internal static class Playground
{
    public const string Root = AdminDoor.Root + "/playground";

    private static readonly Caller Asker = new() { Id = "console", Name = "console", Scopes = Scopes.Inference };

    public static void Map(IEndpointRouteBuilder routes)
    {
        var calls = routes.ServiceProvider.GetRequiredService<ForwardApi>();
        routes.MapGet(Root + "/models", static (HttpContext http, LiveSettings settings) =>
        {
            http.Features.Set(Asker);
            return ModelsApi.List(http, settings);
        }).Needs(Scopes.Admin).ExcludeFromDescription();
        routes.MapPost(Root + "/chat/completions", http =>
        {
            http.Features.Set(Asker);
            return calls.ChatAsync(http);
        }).Needs(Scopes.Admin).ExcludeFromDescription();
    }
}
