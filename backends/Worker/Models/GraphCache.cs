namespace Gateway.Worker.Models;

/// <summary>Where the ONNX engine keeps the graphs that it wrote, for all workers of a user.</summary>
internal static class GraphCache
{
    /// <summary>The folder, or null where nothing can be kept: graphs are then written anew at each start.</summary>
    public static string? Folder()
    {
        // On Linux this follows XDG_DATA_HOME; a container without a home has none.
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        if (data.Length == 0) return null;
        var folder = Path.Combine(data, "gateway", "graphs");
        try
        {
            Directory.CreateDirectory(folder);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
