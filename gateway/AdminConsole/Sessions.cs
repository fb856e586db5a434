using System.Security.Cryptography;
using System.Text;
using Gateway.Configuration;
using Gateway.Errors;
using Gateway.Keys;

namespace Gateway.AdminConsole;

/// <summary>Whose session a request carries. The key behind it is looked for at each request, so that a session ends with its key.</summary>
internal sealed class Sessions(SessionSeal seal, EndedSessions ended, KeyRing ring, WrongKeys wrong, LiveSettings settings, TimeProvider time)
{
    public const string TokenHeader = "x-gateway-csrf";

    /// <summary>Whether this machine's own page needs no key.</summary>
    public async ValueTask<bool> NeedsNoKeyAsync(HttpContext http) =>
        settings.Current.Options.AdminKey is null && OwnPage.IsOnThisMachine(http) && !await ring.AnyAsync(http.RequestAborted);

    /// <summary>Begins one.</summary>
    /// <exception cref="ProblemException">The key is missing, nobody's, or does not open administration.</exception>
    public async ValueTask<(Session Session, Caller Caller)> BeginAsync(HttpContext http, string? key)
    {
        var caller = Caller.ThisMachine;
        if (!await NeedsNoKeyAsync(http))
        {
            if (string.IsNullOrEmpty(key)) throw new ProblemException(Problems.NoAdminKey());
            if (await ring.FindAsync(KeyHash.Of(key), http.RequestAborted) is not { } found)
            {
                await wrong.NoteAsync(http.Connection.RemoteIpAddress, settings.Current.Options.BruteForce, http.RequestAborted);
                throw new ProblemException(Problems.WrongKey(GivenKey.Masked(key)));
            }

            if (!found.Scopes.HasFlag(Scopes.Admin)) throw new ProblemException(Problems.MissingScopes(ScopeNames.Of(Scopes.Admin)));
            caller = found;
        }

        var now = time.GetUtcNow();
        var session = new Session(new Guid(RandomNumberGenerator.GetBytes(16)), caller == Caller.ThisMachine ? null : KeyHash.Of(key), now, now);
        SessionCookie.Write(http, session.Seal(seal));
        return (session, caller);
    }

    /// <summary>Null where there is none that is good.</summary>
    public async ValueTask<(Session Session, Caller Caller)?> FindAsync(HttpContext http)
    {
        if (SessionCookie.Read(http) is not { } text || !OwnPage.MayLook(http)) return null;
        var now = time.GetUtcNow();
        if (Session.Open(text, seal, now) is not { } session || await ended.HasAsync(session)) return null;
        var caller = session.Key is { } key ? await ring.FindAsync(key, http.RequestAborted) : await NeedsNoKeyAsync(http) ? Caller.ThisMachine : null;
        if (caller is null || !caller.Scopes.HasFlag(Scopes.Admin)) return null;
        if (now - session.Seen >= Session.RenewedAfter) SessionCookie.Write(http, (session with { Seen = now }).Seal(seal));
        return (session, caller);
    }

    /// <summary>Who asks for something of the admin API by a session; null where there is none.</summary>
    /// <exception cref="ProblemException">It would change something, and does not come from the page.</exception>
    public async ValueTask<Caller?> AdmitAsync(HttpContext http)
    {
        if (await FindAsync(http) is not var (session, caller)) return null;
        var looks = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
        return looks || (OwnPage.MayChange(http) && IsToken(http, session)) ? caller : throw new ProblemException(Problems.NotFromThePage(TokenHeader));
    }

    /// <summary>Ends the one that a request carries.</summary>
    public async ValueTask EndAsync(HttpContext http, Session session)
    {
        await ended.AddAsync(session);
        SessionCookie.Remove(http);
    }

    private static bool IsToken(HttpContext http, Session session) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(http.Request.Headers[TokenHeader].ToString()), Encoding.UTF8.GetBytes(session.CrossSiteToken));
}
