using System.Net;
using Gateway.Tests.Faults.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Faults;

/// <summary>Upstreams behind TLS that prove nothing.</summary>
public class CertificateTests
{
    [Theory]
    [InlineData(-20, -10)]
    [InlineData(-1, 10)]
    public async Task An_upstream_whose_certificate_expired_or_is_its_own_gets_nothing(int fromDays, int toDays)
    {
        using var certificate = Certificates.Make(fromDays, toDays);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        await using var app = builder.Build();
        var asked = 0;
        app.Run(http =>
        {
            asked++;
            return http.Response.WriteAsync(Wire.Answer);
        });
        await app.StartAsync();
        await using var door = await FaultyDoor.OpenAsync(app.Urls.First() + "/v1");

        using var answer = await door.ChatAsync("m");

        (await Outline.OfAsync(answer)).ShouldBe("502 upstream_error");
        (await door.Log.LineAsync(" after ")).ShouldContain("connect_failed (TLS: The remote certificate is invalid because of errors in the certificate chain:");
        asked.ShouldBe(0);
    }
}
