using System.Net;
using Gateway.Configuration;
using Gateway.Errors;

namespace Gateway.Keys;

/// <summary>Who a request comes from, and whether that is enough for what it asks for.</summary>
internal sealed class Access(KeyRing ring, JwtTokens tokens, WrongKeys wrong, Exposure exposure, LiveSettings settings, AccessMetrics metrics)
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
    public ValueTask<Caller> AdmitAsync(HttpContext http, Scopes needed)
    {
        var key = GivenKey.Of(http.Request.Headers);
        var found = key.IsEmpty ? default : ring.FindAsync(KeyHash.Of(key), http.RequestAborted);
        if (!found.IsCompletedSuccessfully) return new(JudgeAsync(http, needed, found.AsTask()));
        // The hot path: a key that is known, and opens this.
        var caller = found.Result;
        if (caller is null && ring.Any == false && IsOpen(http, needed)) caller = Caller.Anonymous;
        return caller is not null && (caller.Scopes & needed) == needed ? ValueTask.FromResult(caller) : new(JudgeAsync(http, needed, Task.FromResult(caller)));
    }

    private async Task<Caller> JudgeAsync(HttpContext http, Scopes needed, Task<Caller?> looked)
    {
        try
        {
            var caller = await looked ?? await UnknownAsync(http, needed);
            return (caller.Scopes & needed) == needed ? caller : throw new ProblemException(Problems.MissingScopes(ScopeNames.Of(needed & ~caller.Scopes)));
        }
        catch (ProblemException e)
        {
            metrics.Refused(e.Problem.Status, e.Problem.Error.Error.Code);
            throw;
        }
    }

    private async Task<Caller> UnknownAsync(HttpContext http, Scopes needed)
    {
        var (options, isAdmin, keyless) = (settings.Current.Options, needed.HasFlag(Scopes.Admin), GivenKey.Of(http.Request.Headers).IsEmpty);
        if (!keyless && tokens.IsOne(GivenKey.Of(http.Request.Headers)) && await tokens.FindAsync(http) is { } subject) return subject;
        if (isAdmin)
        {
            if (options.AdminKey is null && !await ring.AnyAsync(http.RequestAborted)) return Local.IsThisMachine(http) ? Caller.ThisMachine : throw new ProblemException(Problems.AdminIsLocal());
        }
        else
        {
            if (keyless && options.AllowAnonymous) return Caller.Anonymous;
            if (!await ring.AnyAsync(http.RequestAborted) && IsOpen(http, needed)) return Caller.Anonymous;
        }

        if (keyless) throw new ProblemException(isAdmin ? Problems.NoAdminKey() : Problems.NoKey());
        await wrong.NoteAsync(http.Connection.RemoteIpAddress, options.BruteForce, http.RequestAborted);
        throw new ProblemException(Problems.WrongKey(GivenKey.Masked(GivenKey.Of(http.Request.Headers))));
    }

    // Where there is no key. A client may send any then: SDKs do not run without one.
    private bool IsOpen(HttpContext http, Scopes needed) => !needed.HasFlag(Scopes.Admin) && (settings.Current.Options.AllowAnonymous || IsAtThisMachine(http));

    private bool IsAtThisMachine(HttpContext http) => exposure.IsNone && (http.Connection.LocalIpAddress is not { } ip || IPAddress.IsLoopback(ip));
}
