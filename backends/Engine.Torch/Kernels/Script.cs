using System.IO.Compression;
using System.Text;
using TorchSharp;

namespace Gateway.Engine.Torch.Kernels;

/// <summary>
/// Operators that TorchSharp does not expose, reached through a TorchScript module. The archive is written by hand because only
/// <c>torch.jit.load</c> resolves <c>ops.namespace.name</c>. The source is a constant: an error in it aborts the process.
/// </summary>
internal static class Script
{
    // mkldnn (oneDNN) with weights packed once: on CPUs where torch.linear takes MKL's slow path this reads weights at memory bandwidth.
    private const string Source = """
          def pack(self, w: Tensor) -> Tensor:
            return ops.mkldnn._reorder_linear_weight(w, None)
          def linear(self, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
            return ops.mkldnn._linear_pointwise(x, w, b, 'none', [], '')
          def rms(self, x: Tensor, w: Tensor, eps: float) -> Tensor:
            return torch.rms_norm(x, [x.size(-1)], w, eps)
          def rms_linear(self, x: Tensor, g: Tensor, eps: float, w: Tensor, b: Tensor) -> Tensor:
            return ops.mkldnn._linear_pointwise(torch.rms_norm(x, [x.size(-1)], g, eps), w, b, 'none', [], '')
          def gated(self, x: Tensor, g: Tensor, eps: float, w: Tensor, wb: Tensor, d: Tensor, db: Tensor) -> Tensor:
            u = ops.mkldnn._linear_pointwise(torch.rms_norm(x, [x.size(-1)], g, eps), w, wb, 'none', [], '')
            a, c = u.chunk(2, -1)
            return torch.add_(ops.mkldnn._linear_pointwise(torch.mul(torch.silu(a), c), d, db, 'none', [], ''), x)
          def linear_bf16(self, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
            return ops.mkldnn._linear_pointwise(x.to(15), w, b, 'none', [], '').to(6)
          def rms_linear_bf16(self, x: Tensor, g: Tensor, eps: float, w: Tensor, b: Tensor) -> Tensor:
            return ops.mkldnn._linear_pointwise(torch.rms_norm(x, [x.size(-1)], g, eps).to(15), w, b, 'none', [], '').to(6)
          def gated_bf16(self, x: Tensor, g: Tensor, eps: float, w: Tensor, wb: Tensor, d: Tensor, db: Tensor) -> Tensor:
            u = ops.mkldnn._linear_pointwise(torch.rms_norm(x, [x.size(-1)], g, eps).to(15), w, wb, 'none', [], '')
            a, c = u.chunk(2, -1)
            return torch.add(ops.mkldnn._linear_pointwise(torch.mul(torch.silu(a), c), d, db, 'none', [], '').to(6), x)

        """;

    // One operator only: of several the just-in-time compiler would make kernels of its own.
    private const string NormSource = """
          def rms(self, x: Tensor, w: Tensor, eps: float) -> Tensor:
            return torch.rms_norm(x, [x.size(-1)], w, eps)

        """;

    // One module for all models of the process: it holds no weights.
    private static readonly Lazy<torch.jit.ScriptModule?> Loaded = new(() => TryLoad(Source));
    private static readonly Lazy<torch.jit.ScriptModule?> LoadedNorm = new(() => TryLoad(NormSource));
    private static readonly Lazy<bool>[] Trusted = [.. Enum.GetValues<WeightFormat>().Select(format => new Lazy<bool>(() => Loaded.Value is { } module && IsRight(module, format)))];

    /// <summary>The module of this process, or null on hosts whose libtorch has no such operators for the format, or where they compute something else.</summary>
    public static torch.jit.ScriptModule? For(WeightFormat format) => Trusted[(int)format].Value ? Loaded.Value : null;

    /// <summary>Only the norm, for any device; null on hosts whose libtorch has none.</summary>
    public static torch.jit.ScriptModule? ForNorm => LoadedNorm.Value;

    private static bool IsRight(torch.jit.ScriptModule module, WeightFormat format)
    {
        try
        {
            return OneDnn.IsRight(module, format);
        }
        catch (Exception e) when (e is System.Runtime.InteropServices.ExternalException or InvalidOperationException)
        {
            return false;
        }
    }

    private static torch.jit.ScriptModule? TryLoad(string source)
    {
        var file = Path.Combine(Path.GetTempPath(), $"gateway-{Guid.NewGuid():N}.pt");
        OneDnn.ChooseInstructions();
        try
        {
            File.WriteAllBytes(file, Archive(source));
            return torch.jit.load(file);
        }
        catch (Exception e) when (e is System.Runtime.InteropServices.ExternalException or InvalidOperationException)
        {
            return null;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static byte[] Archive(string methods)
    {
        var code = "class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n" + methods;
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            // A pickled __torch__.M object with one attribute, training = False.
            byte[] pickle = [0x80, 2, .. "c__torch__\nM\n)"u8, 0x81, .. "}(X"u8, 8, 0, 0, 0, .. "training"u8, 0x89, .. "ub."u8];
            Write("data.pkl", pickle);
            Write("code/__torch__.py", Encoding.UTF8.GetBytes(code));
            Write("constants.pkl", [0x80, 2, .. ")."u8]);
            Write("version", "3\n"u8);

            void Write(string name, ReadOnlySpan<byte> content)
            {
                using var entry = zip.CreateEntry("m/" + name, CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }

        return bytes.ToArray();
    }
}
