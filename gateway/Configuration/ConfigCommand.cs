using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Storage;

namespace Gateway.Configuration;

/// <summary><c>gateway config show</c>: the effective values, secrets hidden.</summary>
internal static class ConfigCommand
{
    private const string Hidden = "***";

    private static readonly JsonSerializerOptions Shown = new()
    {
        WriteIndented = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { HideSecrets } },
    };

    public static void Show(GatewayOptions options) => Console.WriteLine(Text(options));

    public static string Text(GatewayOptions options) => JsonSerializer.Serialize(new { Gateway = options with { Database = DatabaseAddress.Shown(options.Database) } }, Shown);

    private static void HideSecrets(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.AttributeProvider?.IsDefined(typeof(SecretAttribute), inherit: false) != true || property.Get is not { } get) continue;
            property.Get = owner => get(owner) switch
            {
                null => null,
                Dictionary<string, string> map => map.ToDictionary(entry => entry.Key, _ => Hidden),
                _ => Hidden,
            };
        }
    }
}
