using Gateway.Configuration;
using Microsoft.AspNetCore.Http;

namespace Gateway;

/// <summary>What is to be listened on, before the web server makes a stack trace of it.</summary>
internal static class ListenAddresses
{
    /// <summary>Each of a setting.</summary>
    public static string[] Split(string? urls) => urls?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    /// <exception cref="IOException">One is none.</exception>
    /// <exception cref="ConfigurationException">Administration would be on the public's port.</exception>
    public static void Check(string urls, string? adminUrls)
    {
        var ports = Split(urls).Select(Port).ToHashSet();
        foreach (var url in Split(adminUrls))
            if (ports.Contains(Port(url))) throw new ConfigurationException([$"Gateway:AdminUrls: '{url}' has a port of the public addresses ({urls}); administration needs one of its own"]);
    }

    // 0 where the system chooses, or where there is none.
    private static int Port(string url)
    {
        try
        {
            if (BindingAddress.Parse(url) is { Scheme: "http" or "https", PathBase: "", Port: >= 0 and <= 65535 } address) return address.Port;
        }
        catch (FormatException)
        {
            // Said below.
        }

        throw new IOException($"'{url}' is none; http://HOST:PORT is expected");
    }
}
