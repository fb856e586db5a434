using Gateway.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Gateway.Tests.Doors;

/// <summary>Says who calls by a header of the test's own.</summary>
internal sealed class KnownCallers(params Caller[] callers) : IStartupFilter
{
    public const string Header = "x-test-caller";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((http, following) =>
        {
            if (callers.FirstOrDefault(caller => caller.Id == http.Request.Headers[Header].ToString()) is { } known) http.Features.Set(known);
            return following(http);
        });
        next(app);
    };
}
