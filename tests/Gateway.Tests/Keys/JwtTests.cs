using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Keys;
using Gateway.Tests.Doors;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Keys;

/// <summary>Tokens of an identity provider, which is one of this test's own on loopback.</summary>
public sealed class JwtTests : IAsyncLifetime
{
    private readonly RSA rsa = RSA.Create(2048);
    private FakeUpstream issuer = null!;
    private FakeUpstream upstream = null!;

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    private string Authority => issuer.Address.ToString().TrimEnd('/');

    public async ValueTask InitializeAsync()
    {
        upstream = (await FakeUpstream.StartAsync()).ThenJson(200, Asking.Plain);
        issuer = await FakeUpstream.StartAsync();
        issuer.Then(http => http.Response.WriteAsJsonAsync(http.Request.Path.Value!.EndsWith("openid-configuration", StringComparison.Ordinal)
            ? (object)new { issuer = Authority, jwks_uri = Authority + "/jwks" }
            : new { keys = new[] { new { kty = "RSA", use = "sig", alg = "RS256", kid = "k1", n = Base64Url.EncodeToString(rsa.ExportParameters(false).Modulus), e = Base64Url.EncodeToString(rsa.ExportParameters(false).Exponent) } } }));
    }

    public async ValueTask DisposeAsync()
    {
        await upstream.DisposeAsync();
        await issuer.DisposeAsync();
        rsa.Dispose();
    }

    private Task<Door> OpenAsync(object jwt) => Door.OpenAsync(new
    {
        Jwt = jwt,
        Keys = new[] { new { Name = "a", Key = "sk-of-team-a-000000000001" } },
        Teams = new { red = new { RequestsPerMinute = 7 } },
        Upstreams = new { u = new { Address = new Uri(upstream.Address, "v1") } },
        Models = new { m = new { Targets = new[] { new { Upstream = "u" } } }, other = new { Targets = new[] { new { Upstream = "u" } } } },
    });

    private Dictionary<string, object> Claims() => new() { ["iss"] = Authority, ["aud"] = "gateway", ["sub"] = "alice", ["exp"] = Now + 600 };

    private string Token(Dictionary<string, object> claims, string algorithm = "RS256", Func<byte[], byte[]>? sign = null)
    {
        var text = Part(new { alg = algorithm, kid = "k1", typ = "JWT" }) + "." + Part(claims);
        var bytes = Encoding.ASCII.GetBytes(text);
        return text + "." + Base64Url.EncodeToString(sign is null ? rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : sign(bytes));

        static string Part(object value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
    }

    [Fact]
    public async Task A_token_of_the_provider_opens_beside_the_keys_and_what_is_wrong_with_one_is_not_said()
    {
        await using var door = await OpenAsync(new { Authority, Audience = "gateway" });
        (await door.StatusAsync(Token(Claims()))).ShouldBe(HttpStatusCode.OK);
        (await door.StatusAsync("sk-of-team-a-000000000001")).ShouldBe(HttpStatusCode.OK);
        (await door.StatusAsync(null)).ShouldBe(HttpStatusCode.Unauthorized);

        using var other = RSA.Create(2048);
        var spki = rsa.ExportSubjectPublicKeyInfoPem();
        foreach (var (why, token) in ((string, string)[])
            [
                ("expired", Token(new(Claims()) { ["exp"] = Now - 120 })),
                ("not yet", Token(new(Claims()) { ["nbf"] = Now + 300 })),
                ("for another", Token(new(Claims()) { ["aud"] = "somebody-else" })),
                ("by another", Token(new(Claims()) { ["iss"] = "http://evil.example" })),
                ("another's signature", Token(Claims(), sign: bytes => other.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))),
                ("no signature", Token(Claims(), "none", _ => [])),
                ("a secret that is public", Token(Claims(), "HS256", bytes => HMACSHA256.HashData(Encoding.UTF8.GetBytes(spki), bytes))),
                ("nobody", Token(new(Claims().Where(claim => claim.Key != "sub")))),
                ("no token", "eyJ.a.b"),
            ])
        {
            using var answer = await door.ChatAsync(token, "m");
            answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, why);
            ((string?)(await answer.ErrorAsync())["code"]).ShouldBe("invalid_api_key", why);
            answer.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer realm=\"gateway\"", why);
            if (token.Length > 100) door.Log.Text.ShouldNotContain(token[^60..]);
        }
    }

    [Fact]
    public async Task Claims_say_scopes_team_and_models()
    {
        await using var door = await OpenAsync(new { Authority, Audience = "gateway", ScopesClaim = "scope", ScopePrefix = "gw:", TeamClaim = "team", ModelsClaim = "models", RequestsPerMinute = 2 });
        var claims = new Dictionary<string, object>(Claims()) { ["scope"] = "openid gw:inference inference-of-others", ["team"] = "red", ["models"] = new[] { "m", "x*" } };

        using var first = await door.ChatAsync(Token(claims), "m");
        first.StatusCode.ShouldBe(HttpStatusCode.OK);
        first.Headers.GetValues("x-ratelimit-limit-requests").ShouldBe(["2"]);
        (await door.StatusAsync(Token(claims), "other")).ShouldBe(HttpStatusCode.Forbidden);
        (await door.StatusAsync(Token(new(claims) { ["scope"] = "openid inference" }))).ShouldBe(HttpStatusCode.Forbidden);
        using var admin = await door.AskAsync(HttpMethod.Get, "admin/v1/upstreams", Token(claims));
        admin.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using var boss = await door.AskAsync(HttpMethod.Get, "admin/v1/upstreams", Token(new(claims) { ["scope"] = new[] { "gw:admin", "gw:inference" } }));
        boss.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task While_the_provider_is_away_keys_go_on_and_tokens_are_told_so()
    {
        await using var door = await OpenAsync(new { Authority = "http://127.0.0.1:1", Audience = "gateway" });

        (await door.StatusAsync("sk-of-team-a-000000000001")).ShouldBe(HttpStatusCode.OK);
        using var answer = await door.ChatAsync(Token(Claims()), "m");
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        ((string?)(await answer.ErrorAsync())["code"]).ShouldBe("identity_provider_unavailable");
        (await door.StatusAsync("sk-wrong-000000000000001")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task The_providers_address_must_be_one_that_nobody_can_answer_for()
    {
        var errors = (await Should.ThrowAsync<Gateway.Configuration.ConfigurationException>(() => OpenAsync(new { Authority = "http://login.example", Scopes = new[] { "root" } }))).Errors;

        errors.ShouldContain(error => error.StartsWith("Gateway:Jwt:Authority"));
        errors.ShouldContain(error => error.StartsWith("Gateway:Jwt:Audience"));
        errors.ShouldContain(error => error.StartsWith("Gateway:Jwt:Scopes"));
    }
}
