using System.Net;
using Gateway.TestKit.Sockets;
using Gateway.Tests.Doors;

namespace Gateway.Tests.Faults.Tls;

/// <summary>A certificate and its key in PEM files, as certificate authorities hand them out and renew them.</summary>
public class CertificateFileTests
{
    [Fact]
    public async Task A_certificate_in_pem_files_is_shown_and_a_renewed_one_taken_over_while_a_stream_goes_on()
    {
        var renewed = new TaskCompletionSource();
        await using var upstream = new RawUpstream(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(Wire.StreamHead + Wire.Chunk);
            await renewed.Task;
            await connection.SendAsync(Wire.Last + Wire.Done);
            connection.Dispose();
        });
        await using var tls = await TlsDoor.OpenAsync(upstream.Address, pem: true);
        var before = await tls.ShownAsync();
        using var answer = await tls.Door.ChatAsync("m", stream: true);
        using var certificate = Certificates.Make();

        await certificate.WritePemAsync(tls.Folder);

        var shown = before;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (shown == before && !patience.IsCancellationRequested) shown = await tls.ShownAsync();
        shown.ShouldBe(certificate.GetCertHashString());
        shown.ShouldNotBe(before);
        renewed.SetResult();
        (await Outline.OfAsync(answer)).ShouldBe("200 data ×2, [DONE]");
        tls.Door.Log.Text.ShouldContain("The certificate was renewed");
    }

    [Fact]
    public async Task A_renewed_certificate_that_cannot_be_read_or_has_another_key_leaves_the_one_before_it()
    {
        await using var upstream = new RawUpstream(Wire.Says(Wire.Plain(Wire.Answer)));
        await using var tls = await TlsDoor.OpenAsync(upstream.Address, pem: true);
        var before = await tls.ShownAsync();
        using var another = Certificates.Make();

        await File.WriteAllTextAsync(Path.Combine(tls.Folder, "tls.crt"), another.ExportCertificatePem());

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!tls.Door.Log.Text.Contains("cannot be used", StringComparison.Ordinal) && !patience.IsCancellationRequested) (await tls.ShownAsync()).ShouldBe(before);
        tls.Door.Log.Text.ShouldContain("cannot be used, and the one before it stays");
        (await tls.ShownAsync()).ShouldBe(before);
        using var answer = await tls.Door.ChatAsync("m");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
