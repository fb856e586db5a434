using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gateway.Engine.Models;

namespace Gateway.Engine.Onnx.Graph;

/// <summary>The written graph and its weights on disk: kept for the next time, or gone as soon as a session has opened them.</summary>
internal sealed class GraphFolder : IDisposable
{
    private const string ModelName = "model.onnx";
    private const int WriterVersion = 1; // to be raised with every change of what is written
    private readonly string path;
    private readonly bool kept;

    private GraphFolder(string path, bool kept) => (this.path, this.kept) = (path, kept);

    /// <summary>The graph's file.</summary>
    public string Model => Path.Combine(path, ModelName);

    /// <summary>The graph of a folder, written unless it is there already.</summary>
    /// <exception cref="ModelFolderException">The folder does not hold what its configuration says.</exception>
    public static GraphFolder For(ModelFolder folder, DecoderSpec spec, WeightFormat format, OnnxOptions options, bool observed)
    {
        if (options.GraphCache is not { } cache) return new GraphFolder(Written(Path.GetTempPath(), folder, spec, format, observed), kept: false);
        Directory.CreateDirectory(cache);
        var kept = Path.Combine(cache, Key(folder, format, observed));
        if (Directory.Exists(kept))
        {
            Directory.SetLastWriteTimeUtc(kept, File.GetLastWriteTimeUtc(Touch(kept)));
            return new GraphFolder(kept, kept: true);
        }

        // Written beside its place and moved there whole: a process that dies leaves nothing that looks finished.
        var written = Written(cache, folder, spec, format, observed);
        try
        {
            Directory.Move(written, kept);
        }
        catch (IOException) when (Directory.Exists(kept))
        {
            Directory.Delete(written, recursive: true); // somebody else was faster
        }

        DropOldest(cache, kept, options.GraphCacheBytes);
        return new GraphFolder(kept, kept: true);
    }

    public void Dispose()
    {
        if (!kept) Directory.Delete(path, recursive: true);
    }

    private static string Written(string parent, ModelFolder folder, DecoderSpec spec, WeightFormat format, bool observed)
    {
        var path = Path.Combine(parent, $".gateway-graph-{Guid.NewGuid():N}");
        Directory.CreateDirectory(path);
        try
        {
            using var weights = new WeightFile(Path.Combine(path, ModelName + ".data"));
            var graph = new GraphBuilder(weights);
            DecoderGraph.Write(spec, new GraphWeights(spec, new NamedWeights(spec, folder.Tensors, folder.Path), graph, format), graph, observed);
            File.WriteAllBytes(Path.Combine(path, ModelName), graph.Finish());
            return path;
        }
        catch
        {
            Directory.Delete(path, recursive: true);
            throw;
        }
    }

    /// <summary>What the graph is made from: configuration, weights by name, size and time of their files, format and writer.</summary>
    private static string Key(ModelFolder folder, WeightFormat format, bool observed)
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{WriterVersion} {format} {observed}\n{folder.Config.ToJsonString()}\n"));
        foreach (var file in Directory.Exists(folder.Path) ? new DirectoryInfo(folder.Path).GetFiles().OrderBy(file => file.Name, StringComparer.Ordinal).ToArray() : [new FileInfo(folder.Path)])
            text.Append(CultureInfo.InvariantCulture, $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..40];
    }

    /// <summary>The time of a folder's last use is that of a file in it that is written anew.</summary>
    private static string Touch(string folder)
    {
        var mark = Path.Combine(folder, "used");
        File.WriteAllBytes(mark, []);
        return mark;
    }

    private static void DropOldest(string cache, string keep, long most)
    {
        long total = 0;
        foreach (var entry in new DirectoryInfo(cache).GetDirectories().OrderByDescending(entry => entry.FullName == keep).ThenByDescending(entry => entry.LastWriteTimeUtc))
        {
            total += entry.GetFiles().Sum(file => file.Length);
            // One that somebody is writing now is left alone; one that a dead process left behind is a day old at some time.
            var unfinished = entry.Name.StartsWith('.') && entry.LastWriteTimeUtc > new DirectoryInfo(keep).LastWriteTimeUtc.AddDays(-1);
            if (total <= most || entry.FullName == keep || unfinished) continue;
            try
            {
                entry.Delete(recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another process holds it, or was faster: the next one who writes will try again.
            }
        }
    }
}
