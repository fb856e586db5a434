using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Engine.Models;
using Gateway.Engine.Torch;
using Gateway.TestKit;

namespace Gateway.Benchmarks;

/// <summary>
/// From safetensors of a gigabyte to a runner that is ready, as a share of how fast the file system reads the same file from its first byte to its
/// last; both cold, in turn. And what memory it took at most, as a share of the weights in memory.
/// </summary>
internal static class LoadSpeed
{
    private const int Hidden = 1024;
    private const int Inside = 2816;
    private const int Layers = 21;
    private const int Vocabulary = 8000;
    private const int Rounds = 3;

    public static void Run(TextWriter output)
    {
        using var folder = new TemporaryFolder();
        Make(folder.Path);
        var file = folder.File("model.safetensors");
        var bytes = new FileInfo(file).Length;
        Load(Shared.TinyChat).Dispose(); // what the libraries themselves take is not the weights'
        var before = Resident("VmRSS");
        for (var round = 0; round < Rounds; round++)
        {
            var read = bytes / Seconds(() => ReadThrough(file), file);
            TorchRunner? runner = null;
            var load = bytes / Seconds(() => runner = Load(folder.Path), file);
            runner!.Dispose();
            output.WriteLine($"{bytes / 1e9:F2} GB: file system {read / 1e9:F2} GB/s, ready at {load / 1e9:F2} GB/s, {load / read:P0}");
        }

        output.WriteLine($"most memory: {(Resident("VmHWM") - before) / (double)bytes:F2} × the weights, the file's own pages included as far as they were mapped");
    }

    private static TorchRunner Load(string path)
    {
        using var model = ModelFolder.Open(path);
        return TorchRunner.Load(model, new TorchOptions { BlockCount = 16 });
    }

    private static void Make(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "config.json"), new JsonObject
        {
            ["model_type"] = "llama",
            ["hidden_size"] = Hidden,
            ["intermediate_size"] = Inside,
            ["num_attention_heads"] = 16,
            ["num_hidden_layers"] = Layers,
            ["vocab_size"] = Vocabulary,
            ["max_position_embeddings"] = 2048,
            ["tie_word_embeddings"] = false,
        }.ToJsonString());
        File.Copy(Path.Combine(Shared.TinyChat, "tokenizer.json"), Path.Combine(folder, "tokenizer.json"));
        var tensors = new List<(string Name, int Rows, int Columns)> { ("model.embed_tokens", Vocabulary, Hidden), ("lm_head", Vocabulary, Hidden), ("model.norm", Hidden, 1) };
        for (var n = 0; n < Layers; n++)
        {
            string Name(string part) => $"model.layers.{n}.{part}";
            tensors.AddRange([(Name("input_layernorm"), Hidden, 1), (Name("post_attention_layernorm"), Hidden, 1)]);
            tensors.AddRange(((string[])["q", "k", "v", "o"]).Select(part => (Name($"self_attn.{part}_proj"), Hidden, Hidden)));
            tensors.AddRange([(Name("mlp.gate_proj"), Inside, Hidden), (Name("mlp.up_proj"), Inside, Hidden), (Name("mlp.down_proj"), Hidden, Inside)]);
        }

        var header = new JsonObject();
        long end = 0;
        foreach (var (name, rows, columns) in tensors)
        {
            var size = (long)rows * columns * sizeof(float);
            header[name + ".weight"] = new JsonObject { ["dtype"] = "F32", ["shape"] = columns == 1 ? new JsonArray(rows) : new JsonArray(rows, columns), ["data_offsets"] = new JsonArray(end, end + size) };
            end += size;
        }

        using var stream = File.Create(Path.Combine(folder, "model.safetensors"));
        var text = Encoding.UTF8.GetBytes(header.ToJsonString());
        stream.Write(BitConverter.GetBytes((ulong)text.Length));
        stream.Write(text);
        var numbers = new float[1 << 20];
        var chance = new Random(3);
        for (var i = 0; i < numbers.Length; i++) numbers[i] = (chance.NextSingle() - 0.5f) * 0.02f;
        for (var left = end; left > 0;)
        {
            var piece = MemoryMarshal.AsBytes<float>(numbers)[..(int)Math.Min(left, numbers.Length * sizeof(float))];
            stream.Write(piece);
            left -= piece.Length;
        }

        stream.Flush(flushToDisk: true);
    }

    private static double Seconds(Action action, string file)
    {
        Forget(file);
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void ReadThrough(string file)
    {
        using var handle = File.OpenHandle(file, options: FileOptions.SequentialScan);
        var buffer = new byte[4 << 20];
        for (long at = 0; RandomAccess.Read(handle, buffer, at) is var count and > 0; at += count)
        {
        }
    }

    /// <summary>Drops the file from the system's cache, where there is such a call.</summary>
    private static void Forget(string file)
    {
        const int DontNeed = 4;
        if (!OperatingSystem.IsLinux()) return;
        using var handle = File.OpenHandle(file);
        _ = Advise((int)handle.DangerousGetHandle(), 0, 0, DontNeed);
    }

    [DllImport("libc", EntryPoint = "posix_fadvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Advise(int descriptor, long offset, long length, int advice);

    private static long Resident(string key) => !OperatingSystem.IsLinux() ? Environment.WorkingSet
        : long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) * 1024;
}
