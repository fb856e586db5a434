using System.Net;
using Gateway.Configuration;
using Microsoft.AspNetCore.Http;

namespace Gateway.Keys;

/// <summary>Whether other machines reach the addresses that are listened on. Without keys only this machine is answered.</summary>
internal sealed class Exposure(IConfiguration configuration, string urls)
{
    private readonly string[] open = [.. Addresses(configuration, urls).Where(static address => !IsThisMachines(address))];

    /// <summary>Whether none of them does.</summary>
    public bool IsNone => open.Length == 0;

    /// <summary>Whether the settings alone say that this is meant: a key, or that none is needed.</summary>
    public bool IsFine(GatewayOptions options) => IsNone || options.Keys.Count > 0 || options.Jwt is not null || options.AllowAnonymous || options.AdminKey is not null;

    /// <summary>What is said where it is not.</summary>
    public string Complaint =>
        $"Other machines reach {string.Join(", ", open)}, and there is no key: set Gateway:Keys, make one with 'gateway keys create --name NAME', "
        + "set Gateway:AdminKey to make them by the admin API, or say Gateway:AllowAnonymous=true to answer everybody";

    private static IEnumerable<string> Addresses(IConfiguration configuration, string urls) =>
        urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Concat(configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(static endpoint => endpoint["Url"]).OfType<string>());

    private static bool IsThisMachines(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            if (address.IsUnixPipe || address.IsNamedPipe) return true;
            return address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
        }
        catch (FormatException)
        {
            return true; // the web server says what is wrong with it
        }
    }
}
