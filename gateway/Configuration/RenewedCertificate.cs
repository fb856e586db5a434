using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.Configuration;

/// <summary>
/// The certificate of <c>Kestrel:Certificates:Default</c> once its files have changed: connections made from then on get the new one, and those that
/// stand go on. Until then it is the web server's own affair, which also says at start what is wrong with it.
/// </summary>
internal sealed class RenewedCertificate
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private readonly IConfigurationSection settings;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Lock looking = new();
    private string seen;
    private long lookedAt;
    private volatile SslStreamCertificateContext? renewed;

    private RenewedCertificate(IConfigurationSection settings, TimeProvider time, ILogger logger)
    {
        (this.settings, this.time, this.logger) = (settings, time, logger);
        (seen, lookedAt) = (Content(), time.GetTimestamp());
    }

    /// <summary>Has connections in TLS get it, where one is set.</summary>
    public static void Watch(KestrelServerOptions kestrel)
    {
        var services = kestrel.ApplicationServices;
        var settings = services.GetRequiredService<IConfiguration>().GetSection("Kestrel:Certificates:Default");
        if (settings["Path"] is not { Length: > 0 }) return;
        var certificate = new RenewedCertificate(settings, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<RenewedCertificate>>());
        kestrel.ConfigureHttpsDefaults(https => https.OnAuthenticate = (_, tls) =>
        {
            if (certificate.Current() is { } current) tls.ServerCertificateContext = current;
        });
    }

    // Null as long as it is the one of the start. Who comes while another looks gets what there is.
    private SslStreamCertificateContext? Current()
    {
        if (time.GetElapsedTime(Volatile.Read(ref lookedAt)) < LookEvery || !looking.TryEnter()) return renewed;
        try
        {
            Volatile.Write(ref lookedAt, time.GetTimestamp());
            var content = Content();
            if (content == seen) return renewed;
            seen = content;
            renewed = Read();
            logger.LogInformation("The certificate was renewed from {Path}", settings["Path"]);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            logger.LogError("The certificate in {Path} cannot be used, and the one before it stays: {Reason}", settings["Path"], e.Message);
        }
        finally
        {
            looking.Exit();
        }

        return renewed;
    }

    // The files themselves are compared: a mounted secret changes by a link, which says nothing about when.
    private string Content() => string.Join(' ', new[] { settings["Path"], settings["KeyPath"] }.Select(static path => File.Exists(path) ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))) : ""));

    // What stands beside it in its file says who signed it, and is sent along.
    private SslStreamCertificateContext Read()
    {
        var (path, key, password) = (settings["Path"]!, settings["KeyPath"], settings["Password"]);
        var chain = new X509Certificate2Collection();
        X509Certificate2 own;
        if (key is { Length: > 0 })
        {
            chain.ImportFromPemFile(path);
            own = password is null ? X509Certificate2.CreateFromPemFile(path, key) : X509Certificate2.CreateFromEncryptedPemFile(path, password, key);
            // On Windows a key that is nowhere on disk cannot be used.
            if (OperatingSystem.IsWindows()) own = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null);
        }
        else
        {
            chain = X509CertificateLoader.LoadPkcs12CollectionFromFile(path, password);
            own = chain.First(static certificate => certificate.HasPrivateKey);
        }

        return SslStreamCertificateContext.Create(own, chain, offline: true);
    }
}
