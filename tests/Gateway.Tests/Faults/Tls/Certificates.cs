using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Tests.Faults.Tls;

/// <summary>Certificates of this machine's own.</summary>
internal static class Certificates
{
    /// <summary>One for <c>localhost</c>, signed by itself, valid from and to so many days from now.</summary>
    public static X509Certificate2 Make(int fromDays = -1, int toDays = 10)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256) { CertificateExtensions = { names.Build() } };
        using var signed = request.CreateSelfSigned(now.AddDays(fromDays), now.AddDays(toDays));
        return X509CertificateLoader.LoadPkcs12(signed.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
    }

    /// <summary>The same as files, as a certificate authority hands them out: certificate, and key. What stood there is written over.</summary>
    public static async Task<(string Certificate, string Key)> WritePemAsync(this X509Certificate2 certificate, string folder)
    {
        var (pem, key) = (Path.Combine(folder, "tls.crt"), Path.Combine(folder, "tls.key"));
        using var secret = certificate.GetECDsaPrivateKey()!;
        await File.WriteAllTextAsync(pem, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(key, secret.ExportPkcs8PrivateKeyPem());
        return (pem, key);
    }

    /// <summary>The same as files: certificate, and certificate with key.</summary>
    public static async Task<(string Certificate, string Pfx)> WriteAsync(this X509Certificate2 certificate, string folder)
    {
        var (pem, pfx) = (Path.Combine(folder, "certificate.pem"), Path.Combine(folder, "certificate.pfx"));
        await File.WriteAllTextAsync(pem, certificate.ExportCertificatePem());
        await File.WriteAllBytesAsync(pfx, certificate.Export(X509ContentType.Pfx, "a password"));
        return (pem, pfx);
    }
}
