using System.Text.Json;

namespace Gateway.Configuration;

/// <summary><c>gateway config show</c>: the effective values.</summary>
internal static class ConfigCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Show(GatewayOptions options) => Console.WriteLine(JsonSerializer.Serialize(new { Gateway = options }, Indented));
}
