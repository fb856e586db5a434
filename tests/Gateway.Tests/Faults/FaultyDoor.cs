using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Tests.Doors;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.Faults;

/// <summary>A gateway with one model <c>m</c> at one upstream.</summary>
internal static class FaultyDoor
{
    /// <param name="address">Of the upstream.</param>
    /// <param name="model">Settings of the model, over one retry.</param>
    /// <param name="upstream">Settings of the upstream.</param>
    /// <param name="services">Replaces parts.</param>
    public static Task<Door> OpenAsync(string address, object? model = null, object? upstream = null, Action<IServiceCollection>? services = null) => Door.OpenAsync(
        new
        {
            Upstreams = new { u0 = Merged(new { Address = address, ApiKey = Wire.Key }, upstream) },
            Models = new { m = Merged(new { Targets = (object[])[new { Upstream = "u0", Model = "there" }], Retries = 1 }, model) },
            Limits = new { MaxResponseBytes = 200_000, MaxRequestBodyBytes = 500_000 },
        },
        services);

    private static JsonObject Merged(object settings, object? over)
    {
        var merged = JsonSerializer.SerializeToNode(settings)!.AsObject();
        if (over is not null)
            foreach (var (key, value) in JsonSerializer.SerializeToNode(over)!.AsObject()) merged[key] = value?.DeepClone();
        return merged;
    }
}
