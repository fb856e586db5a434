using Gateway.Calls;
using Gateway.Errors;

namespace Gateway.ResponseCache;

/// <summary>
/// Gives an answer again where the very same question was asked before, and keeps good answers for that. Off by default. A question that is
/// to be stored for its caller is never answered from here, because a stored answer has an id of its own.
/// </summary>
internal sealed class AnswerCache(IAnswerStore store, TimeProvider time)
{
    /// <summary>What answers as <c>x-gateway-upstream</c> says it.</summary>
    public const string Upstream = "cache";

    /// <summary>How the cache takes part in a call; null where it does not.</summary>
    /// <exception cref="ProblemException">Only a kept answer will do, and there is none.</exception>
    public ValueTask<CachedCall?> LookAsync(Call call)
    {
        var options = call.Snapshot.Options.Cache;
        return options.Enabled && !call.Body.Store ? LookAsync(call, options) : new((CachedCall?)null);
    }

    private async ValueTask<CachedCall?> LookAsync(Call call, CacheOptions options)
    {
        var http = call.Http;
        var control = CacheControl.Of(http.Request.Headers);
        var key = CacheKey.Of(call, options.Scope);
        if (control.MayLook && await store.FindAsync(key, http.RequestAborted) is { } found)
        {
            var age = time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(found.KeptAt);
            if (age < TimeSpan.Zero) age = TimeSpan.Zero; // another machine's clock
            // A reload may have made the time shorter, and a caller may want it fresher.
            if (age < options.TimeToLive && !(age > control.MaxAge)) return new CachedCall(store, time, call, key, options) { Found = found, Age = age };
        }

        if (control.OnlyIfCached) throw new ProblemException(Problems.NotCached());
        http.Response.Headers["Cache-Status"] = control.MayLook ? "gateway; fwd=uri-miss" : "gateway; fwd=request";
        return control.MayKeep ? new CachedCall(store, time, call, key, options) : null;
    }
}
