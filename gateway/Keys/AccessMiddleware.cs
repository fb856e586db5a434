namespace Gateway.Keys;

/// <summary>Lets in who may, and notes who it is. What no route answers wants a key too: who has none learns nothing of the routes.</summary>
internal sealed class AccessMiddleware(RequestDelegate next, Access access)
{
    public Task InvokeAsync(HttpContext http)
    {
        var needed = http.GetEndpoint()?.Metadata.GetMetadata<Needs>()?.Scopes ?? Scopes.Inference;
        if (needed == Scopes.None || http.Features.Get<Caller>() is not null) return next(http); // administration's door has let it in
        var admitted = access.AdmitAsync(http, needed);
        if (!admitted.IsCompletedSuccessfully) return AfterAsync(http, admitted);
        http.Features.Set(admitted.Result);
        return next(http);
    }

    private async Task AfterAsync(HttpContext http, ValueTask<Caller> admitted)
    {
        http.Features.Set(await admitted);
        await next(http);
    }
}
