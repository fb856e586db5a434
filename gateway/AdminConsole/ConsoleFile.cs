using System.Security.Cryptography;

namespace Gateway.AdminConsole;

/// <summary>A part of the page, as it came with the program.</summary>
/// <param name="Bytes">All of it.</param>
/// <param name="Type">As <c>Content-Type</c> says it.</param>
/// <param name="Tag">A strong <c>ETag</c>: another for every other content.</param>
internal sealed record ConsoleFile(byte[] Bytes, string Type, string Tag)
{
    private const string Room = "console/";

    /// <summary>All of them, by name.</summary>
    public static Dictionary<string, ConsoleFile> All()
    {
        var assembly = typeof(ConsoleFile).Assembly;
        return assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Room, StringComparison.Ordinal)).ToDictionary(static name => name[Room.Length..], name =>
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return new ConsoleFile(bytes, TypeOf(name), $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..32]}\"");
        }, StringComparer.Ordinal);
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new InvalidOperationException($"The console has no type for {other}"),
    };
}
