using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Load.Door;

/// <summary>Portkey's open gateway, from its npm package: what another gateway's answer costs on the same machine.</summary>
internal static class Portkey
{
    private const string Package = "@portkey-ai/gateway@1.15.2";

    /// <summary>Installs it once into a folder of its own, and starts it.</summary>
    public static async Task<Served> StartAsync()
    {
        var folder = Path.Combine(Path.GetTempPath(), "gateway-load-portkey");
        var program = Path.Combine(folder, "node_modules", "@portkey-ai", "gateway", "build", "start-server.js");
        if (!File.Exists(program))
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", "--loglevel=error", Package]))!;
            await npm.WaitForExitAsync();
            if (npm.ExitCode != 0) throw new InvalidOperationException("npm could not install " + Package);
        }

        int port;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        return await Served.StartAsync(0, port, "node", program, $"--port={port}", "--headless");
    }
}
