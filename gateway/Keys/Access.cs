using System.Net;
using Gateway.Configuration;
using Gateway.Errors;

namespace Gateway.Keys;

/// <summary>Who a request comes from, and whether that is enough for what it asks for.</summary>
internal sealed class Access(KeyRing ring, Exposure exposure, LiveSettings settings)
{
    /// <summary>Who is answered, in a line.</summary>
    public string Greeting => (ring.Any, settings.Current.Options.AllowAnonymous) switch
    {
        (true, true) => "Calls with a key and without one are answered: Gateway:AllowAnonymous is set.",
        (_, true) => "Everybody is answered, with a key or without: Gateway:AllowAnonymous is set.",
        (true, false) => "Calls need a key.",
        (null, false) => "Calls need a key, if the database holds any.",
        _ when !exposure.IsNone => "Calls need a key, and there is none yet: make one by the admin API, or with 'gateway keys create --name NAME'.",
        _ => "There is no key, so only this machine is answered: 'gateway keys create --name NAME' makes one.",
    };

    /// <exception cref="ProblemException">A key is needed, the key is nobody's, or it does not open this.</exception>
    public async ValueTask<Caller> AdmitAsync(HttpContext http, Scopes needed)
    {
        var caller = needed.HasFlag(Scopes.Admin) ? await AdministratorAsync(http) : await CallerAsync(http);
        return (caller.Scopes & needed) == needed ? caller : throw new ProblemException(Problems.MissingScopes(ScopeNames.Of(needed & ~caller.Scopes)));
    }

    private ValueTask<Caller> CallerAsync(HttpContext http)
    {
        var key = GivenKey.Of(http.Request.Headers);
        var found = key.IsEmpty ? default : ring.FindAsync(KeyHash.Of(key), http.RequestAborted);
        if (!found.IsCompletedSuccessfully) return UnknownAsync(http, found);
        return found.Result is { } caller ? ValueTask.FromResult(caller) : UnknownAsync(http, default);
    }

    // Where nobody needs a key a client may send any: SDKs do not run without one.
    private async ValueTask<Caller> UnknownAsync(HttpContext http, ValueTask<Caller?> looked)
    {
        if (await looked is { } found) return found;
        var (keyless, everybody) = (GivenKey.Of(http.Request.Headers).IsEmpty, settings.Current.Options.AllowAnonymous);
        if (keyless && everybody) return Caller.Anonymous;
        if (!await ring.AnyAsync(http.RequestAborted) && (everybody || IsAtThisMachine(http))) return Caller.Anonymous;
        throw new ProblemException(keyless ? Problems.NoKey() : Problems.WrongKey(GivenKey.Masked(GivenKey.Of(http.Request.Headers))));
    }

    private async ValueTask<Caller> AdministratorAsync(HttpContext http)
    {
        var key = GivenKey.Of(http.Request.Headers);
        var keyless = key.IsEmpty;
        if (!keyless && await ring.FindAsync(KeyHash.Of(key), http.RequestAborted) is { } caller) return caller;
        if (settings.Current.Options.AdminKey is null && !await ring.AnyAsync(http.RequestAborted))
            return Local.IsThisMachine(http) ? Caller.ThisMachine : throw new ProblemException(Problems.AdminIsLocal());
        throw new ProblemException(keyless ? Problems.NoAdminKey() : Problems.WrongKey(GivenKey.Masked(GivenKey.Of(http.Request.Headers))));
    }

    private bool IsAtThisMachine(HttpContext http) => exposure.IsNone && (http.Connection.LocalIpAddress is not { } ip || IPAddress.IsLoopback(ip));
}
