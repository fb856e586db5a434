using System.IO.Compression;
using System.Runtime.CompilerServices;
using Xunit;

namespace Gateway.TestKit;

/// <summary>Paths of the data that tests read: what the repository carries, and the folder <c>../shared</c> beside a checkout.</summary>
public static class Shared
{
    /// <summary>The root of the checkout.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The embedded default model.</summary>
    public static string TinyChat => Path.Combine(Root, "backends", "Models", "tiny-chat");

    /// <summary>A file or folder of the repository's own golden data (<c>tests/golden</c>).</summary>
    public static string Golden(params ReadOnlySpan<string> parts) => Path.Combine([Root, "tests", "golden", .. parts]);

    /// <summary>A file or folder under <c>../shared</c>; skips the running test, counted as skipped, where it is absent.</summary>
    public static string Optional(params ReadOnlySpan<string> parts)
    {
        var path = Path.Combine([Root, "..", "shared", .. parts]);
        if (!File.Exists(path) && !Directory.Exists(path)) Assert.Skip($"needs {Path.Combine(["../shared", .. parts])}, which is absent in this checkout");
        return path;
    }

    /// <summary>Golden data that the repository carries, or else the copy under <c>../shared/golden</c>; skips where both are absent.</summary>
    public static string GoldenOrOptional(params ReadOnlySpan<string> parts)
    {
        var own = Golden(parts);
        return Directory.Exists(own) || File.Exists(own) ? own : Optional(["golden", .. parts]);
    }

    /// <summary>The text of golden data that the repository carries compressed, as <c>NAME.gz</c>.</summary>
    public static string GoldenText(params ReadOnlySpan<string> parts)
    {
        using var file = File.OpenRead(Golden(parts) + ".gz");
        using var text = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        return text.ReadToEnd();
    }

    private static string FindRoot([CallerFilePath] string source = "")
    {
        // The output folder lies inside the checkout; the source path serves when a build put its output elsewhere.
        foreach (var start in new[] { AppContext.BaseDirectory, Path.GetDirectoryName(source)! })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
                if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException("No Gateway.sln above the test's output folder.");
    }
}
