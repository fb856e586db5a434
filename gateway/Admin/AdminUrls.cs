using Microsoft.AspNetCore.Http;

namespace Gateway.Admin;

/// <summary>The ports that administration has for itself; none where it shares the public ones.</summary>
internal sealed class AdminUrls(string? setting)
{
    private readonly int[] ports = [.. ListenAddresses.Split(setting).Select(static url => BindingAddress.Parse(url).Port)];

    /// <summary>Whether there are any.</summary>
    public bool IsSet => ports.Length > 0;

    /// <summary>Whether a port is one of them.</summary>
    public bool Has(int port) => ports.Contains(port);

    /// <summary>Lists what cannot be listened on. A port that the system chooses could not be told from the public one.</summary>
    public static void Check(string? setting, List<string> errors)
    {
        foreach (var url in ListenAddresses.Split(setting))
        {
            try
            {
                var address = BindingAddress.Parse(url);
                if (address is { IsUnixPipe: false, IsNamedPipe: false, Port: > 0 and <= 65535, PathBase: "" } && address.Scheme is "http" or "https") continue;
            }
            catch (FormatException)
            {
                // Said below.
            }

            errors.Add($"Gateway:AdminUrls: '{url}' must be an http or https address with a port and without a path");
        }
    }
}
