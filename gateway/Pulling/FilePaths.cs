namespace Gateway.Pulling;

/// <summary>Names of files that a hub gives: none may lead out of the model's folder or mean something else on another system.</summary>
internal static class FilePaths
{
    private const int MaxLength = 1024;
    private const int MaxPartLength = 200;

    /// <summary>Whether a name from the hub may become a path below a folder.</summary>
    public static bool IsSafe(string path) => path.Length is > 0 and <= MaxLength && path.Split('/').All(IsSafePart);

    /// <summary>Where a file goes.</summary>
    /// <exception cref="PullException">The name would lead elsewhere.</exception>
    public static string Under(string folder, string path)
    {
        if (!IsSafe(path)) throw new PullException($"the hub lists a file named '{Printable(path)}', which could be written elsewhere; nothing of this model is pulled");
        return Path.Combine([folder, .. path.Split('/')]);
    }

    /// <summary>A stranger's text, without what would move a terminal's cursor.</summary>
    public static string Printable(string text) => new([.. text.Take(200).Select(c => char.IsControl(c) ? '?' : c)]);

    // No '.', '..', empty part, drive, stream, backslash or control character; nothing that Windows would trim or take for a device.
    private static bool IsSafePart(string part) =>
        part.Length is > 0 and <= MaxPartLength && part.Trim() == part && part[^1] != '.' && part is not ("." or "..") && !part.Any(c => char.IsControl(c) || "\\:*?\"<>|".Contains(c, StringComparison.Ordinal)) && !IsDevice(part);

    private static bool IsDevice(string part) => part.Split('.')[0].ToUpperInvariant() is "CON" or "PRN" or "AUX" or "NUL" or "COM1" or "COM2" or "COM3" or "COM4" or "LPT1" or "LPT2" or "LPT3";
}
