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
        (false, true) => "There is no key, and everybody is answered: Gateway:AllowAnonymous is set.",
        (true, true) => "Calls with a key and without one are answered: Gateway:AllowAnonymous is set.",
        (true, false) => "Calls need a key.",
        _ when !exposure.IsNone => "Calls need a key, and there is none yet: make one by the admin API, or with 'gateway keys create --name NAME'.",
        _ => "There is no key, so only this machine is answered: 'gateway keys create --name NAME' makes one.",
    };

    /// <exception cref="ProblemException">A key is needed, the key is nobody's, or it does not open this.</exception>
    public async ValueTask<Caller> AdmitAsync(HttpContext http, Scopes needed)
    {
        var caller = needed.HasFlag(Scopes.Admin) ? await AdministratorAsync(http) : await CallerAsync(http);
        return (caller.Scopes & needed) == needed ? caller : throw new ProblemException(Problems.MissingScopes(ScopeNames.Of(needed & ~caller.Scopes)));
    }

    // Where nobody needs a key a client may send any: SDKs do not run without one.
    private ValueTask<Caller> CallerAsync(HttpContext http)
    {
        var key = GivenKey.Of(http.Request.Headers);
        if (!ring.Any && (settings.Current.Options.AllowAnonymous || IsAtThisMachine(http))) return ValueTask.FromResult(Caller.Anonymous);
        if (!key.IsEmpty) return KnownAsync(http, KeyHash.Of(key));
        return settings.Current.Options.AllowAnonymous ? ValueTask.FromResult(Caller.Anonymous) : throw new ProblemException(Problems.NoKey());
    }

    private ValueTask<Caller> AdministratorAsync(HttpContext http)
    {
        var key = GivenKey.Of(http.Request.Headers);
        if (settings.Current.Options.AdminKey is null && !ring.Any) return Local.IsThisMachine(http) ? ValueTask.FromResult(Caller.ThisMachine) : throw new ProblemException(Problems.AdminIsLocal());
        return key.IsEmpty ? throw new ProblemException(Problems.NoAdminKey()) : KnownAsync(http, KeyHash.Of(key));
    }

    private async ValueTask<Caller> KnownAsync(HttpContext http, KeyHash hash) =>
        await ring.FindAsync(hash, http.RequestAborted) ?? throw new ProblemException(Problems.WrongKey(GivenKey.Masked(GivenKey.Of(http.Request.Headers))));

    private bool IsAtThisMachine(HttpContext http) => exposure.IsNone && (http.Connection.LocalIpAddress is not { } ip || IPAddress.IsLoopback(ip));
}
