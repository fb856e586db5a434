using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Gateway.Tests.Faults.Tls;

/// <summary>What a process of its own trusts, and what it says of a certificate that it cannot use.</summary>
public class TlsProcessTests
{
    [Theory]
    [InlineData("1.1", "HTTP/1.1")]
    [InlineData("2", "HTTP/2")]
    public async Task An_upstream_whose_certificate_is_trusted_is_spoken_to_in_tls_its_streams_are_whole_and_it_is_left_with_its_client(string version, string spoken)
    {
        var left = new TaskCompletionSource();
        using var folder = new TemporaryFolder();
        using var certificate = Certificates.Make();
        var (pem, _) = await certificate.WriteAsync(folder.Path);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        await using var upstream = builder.Build();
        var protocol = "";
        upstream.Run(async http =>
        {
            protocol = http.Request.Protocol;
            var asked = await new StreamReader(http.Request.Body).ReadToEndAsync();
            var stream = asked.Contains("\"stream\":true", StringComparison.Ordinal);
            http.Response.ContentType = stream ? "text/event-stream" : "application/json";
            if (!stream)
            {
                await http.Response.WriteAsync(Wire.Answer);
                return;
            }

            for (var chunk = 0; chunk < 500; chunk++)
            {
                await http.Response.WriteAsync(Wire.Chunk);
                await http.Response.Body.FlushAsync();
            }

            if (asked.Contains("\"n\":7", StringComparison.Ordinal))
            {
                await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                left.SetResult();
                return;
            }

            await http.Response.WriteAsync(Wire.Last + Wire.Done);
        });
        await upstream.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            [("SSL_CERT_FILE", pem)],
            "--Gateway:EmbeddedModel=false", $"--Gateway:ModelsFolder={folder.Path}", $"--Gateway:Upstreams:u0:Address=https://localhost:{new Uri(upstream.Urls.First()).Port}/v1", "--Gateway:Upstreams:u0:Http=" + version, "--Gateway:Models:m:Targets:0:Upstream=u0");
        using var client = new HttpClient { BaseAddress = gateway.Address };

        using var answer = await client.PostAsJsonAsync("v1/chat/completions", new { model = "m" });

        (await Outline.OfAsync(answer)).ShouldBe("200 whole", gateway.Log);
        protocol.ShouldBe(spoken);
        using var streamed = await client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = Doors.Door.Body("m", stream: true) }, HttpCompletionOption.ResponseHeadersRead);
        (await Outline.OfAsync(streamed)).ShouldBe("200 data ×501, [DONE]", gateway.Log);
        var leaving = await client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = Doors.Door.Body("m", stream: true, ",\"n\":7") }, HttpCompletionOption.ResponseHeadersRead);
        await (await leaving.Content.ReadAsStreamAsync()).ReadExactlyAsync(new byte[10]);
        leaving.Dispose();
        await left.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("nowhere.pfx", "a password")]
    [InlineData("certificate.pfx", "another password")]
    public async Task A_certificate_that_cannot_be_used_ends_the_program_which_says_why(string file, string password)
    {
        using var folder = new TemporaryFolder();
        using var certificate = Certificates.Make();
        await certificate.WriteAsync(folder.Path);

        var (code, output) = await GatewayProcess.EndAsync(
            "--urls", "https://127.0.0.1:0", "--Gateway:EmbeddedModel=false", $"--Gateway:ModelsFolder={folder.Path}", $"--Kestrel:Certificates:Default:Path={Path.Combine(folder.Path, file)}", "--Kestrel:Certificates:Default:Password=" + password);

        code.ShouldBe(2, output);
        output.ShouldStartWith("The configuration cannot be used:\nA certificate of Kestrel:Certificates or Kestrel:Endpoints cannot be used: ");
        output.TrimEnd().Split('\n').Length.ShouldBe(2, output);
    }
}
