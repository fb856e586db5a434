using System.Security.Claims;
using Gateway.Configuration;
using Gateway.Errors;
using Gateway.Policies;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;

namespace Gateway.Keys;

/// <summary>Whose a token of the identity provider is. The framework's handler fetches the provider's keys and checks signature, times, issuer and audience.</summary>
internal sealed class JwtTokens(GatewayOptions started, LiveSettings settings, IOptionsMonitor<JwtBearerOptions> bearer, ILogger<JwtTokens> logger)
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);
    // Signatures by a secret that both sides have are no provider's.
    private static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    /// <summary>The provider is read at start; what its claims mean, with the other settings.</summary>
    public static void Add(IServiceCollection services, JwtOptions jwt)
    {
        // Only what looks like a token is one, and only then is the handler asked.
        AppContext.SetSwitch("Microsoft.AspNetCore.Authentication.SuppressAutoDefaultScheme", true);
        services.AddAuthentication().AddJwtBearer(bearer =>
        {
            bearer.Authority = jwt.Authority;
            bearer.Audience = jwt.Audience;
            bearer.RequireHttpsMetadata = !new Uri(jwt.Authority!).IsLoopback;
            bearer.MapInboundClaims = false;
            bearer.TokenValidationParameters.ValidIssuer = jwt.Issuer;
            bearer.TokenValidationParameters.ValidAlgorithms = Algorithms;
            bearer.TokenValidationParameters.ClockSkew = ClockSkew;
        });
    }

    /// <summary>Whether a text may be one at all.</summary>
    public bool IsOne(ReadOnlySpan<char> key) => started.Jwt is not null && key.StartsWith("ey") && key.Count('.') == 2;

    /// <summary>Null for nobody's.</summary>
    /// <exception cref="ProblemException">The provider's keys are not known, and it cannot be asked.</exception>
    public async Task<Caller?> FindAsync(HttpContext http)
    {
        if (settings.Current.Options is not { Jwt: { } jwt } options) return null;
        var result = await AuthenticateAsync(http);
        return result is { Succeeded: true, Principal: { } principal } && principal.FindFirstValue("sub") is { Length: > 0 } subject ? CallerOf(subject, principal, jwt, options) : null;
    }

    private async Task<AuthenticateResult> AuthenticateAsync(HttpContext http)
    {
        try
        {
            var result = await http.AuthenticateAsync(JwtBearerDefaults.AuthenticationScheme);
            // The handler says of a provider that it cannot reach what it says of a wrong signature; what was fetched once is remembered.
            if (!result.Succeeded) await bearer.Get(JwtBearerDefaults.AuthenticationScheme).ConfigurationManager!.GetConfigurationAsync(http.RequestAborted);
            return result;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.LogError("The identity provider cannot be asked: {Reason}", e.GetBaseException().Message);
            throw new ProblemException(Problems.ProviderIsAway());
        }
    }

    private static Caller CallerOf(string subject, ClaimsPrincipal principal, JwtOptions jwt, GatewayOptions options)
    {
        var team = jwt.TeamClaim is null ? null : principal.FindFirstValue(jwt.TeamClaim);
        var scopes = jwt.ScopesClaim is null ? jwt.Scopes : Values(principal, jwt.ScopesClaim).Where(scope => scope.StartsWith(jwt.ScopePrefix, StringComparison.Ordinal)).Select(scope => scope[jwt.ScopePrefix.Length..]);
        return new Caller
        {
            Id = "jwt:" + subject,
            Name = principal.FindFirstValue(jwt.NameClaim) ?? subject,
            Team = team,
            Scopes = ScopeNames.Parse(scopes),
            Models = [.. jwt.ModelsClaim is null ? jwt.Models : Values(principal, jwt.ModelsClaim)],
            Limits = jwt.Only(),
            TeamLimits = team is null ? CallerLimits.None : options.Teams.GetValueOrDefault(team, CallerLimits.None),
        };
    }

    // A list is several claims, or one text with spaces.
    private static IEnumerable<string> Values(ClaimsPrincipal principal, string claim) =>
        principal.FindAll(claim).SelectMany(static found => found.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
