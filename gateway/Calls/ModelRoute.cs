namespace Gateway.Calls;

/// <summary>Marks routes whose calls go to a model: an error there says how many upstreams were asked, none among them.</summary>
internal sealed class ModelRoute
{
    public static readonly ModelRoute Mark = new();

    /// <summary>Before an error is written: who made an attempt has said so already.</summary>
    public static void Complete(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<ModelRoute>() is not null) http.Response.Headers.TryAdd("x-gateway-attempts", "0");
    }
}
