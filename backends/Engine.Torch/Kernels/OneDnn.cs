using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace Gateway.Engine.Torch.Kernels;

/// <summary>What is known of oneDNN on this processor, before its numbers are trusted.</summary>
internal static partial class OneDnn
{
    private const string MostInstructions = "DNNL_MAX_CPU_ISA";

    /// <summary>
    /// Keeps oneDNN (as in libtorch 2.10) from AVX-512 on AMD: its packed products were wrong in every element on an EPYC of family 26 in a
    /// virtual machine, and right with AVX2. Read by oneDNN once, at its first use; what the environment says goes before it.
    /// </summary>
    public static void ChooseInstructions()
    {
        if (!OperatingSystem.IsLinux() || !Avx512F.IsSupported || !IsAmd() || Environment.GetEnvironmentVariable(MostInstructions) is not null) return;
        _ = SetEnvironment(MostInstructions, "AVX2", 0);
    }

    /// <summary>Whether products with packed weights are those of the plain operator, for shapes that end inside a block and at its edge.</summary>
    /// <param name="module">The kernels.</param>
    /// <param name="format">What the weights are kept in; bfloat16 needs more of a processor.</param>
    public static bool IsRight(jit.ScriptModule module, WeightFormat format)
    {
        using var scope = NewDisposeScope();
        var (type, suffix, bound) = format == WeightFormat.Bf16 ? (ScalarType.BFloat16, "_bf16", 0.5f) : (ScalarType.Float32, "", 1e-3f);
        using var chance = new Generator(7);
        foreach (var (rows, columns, tokens) in (ReadOnlySpan<(long, long, long)>)[(48, 30, 1), (96, 64, 1), (96, 64, 17), (257, 129, 5)])
        {
            var weights = randn([rows, columns], generator: chance);
            var input = randn([tokens, columns], generator: chance);
            var bias = randn([rows], generator: chance);
            var packed = (Tensor)module.invoke("linear" + suffix, input, (Tensor)module.invoke("pack", weights.to(type)), bias.to(type));
            var plain = input.matmul(weights.t()).add(bias);
            if (packed.sub(plain).abs().max().item<float>() > bound) return false;
        }

        return true;
    }

    private static bool IsAmd()
    {
        if (!X86Base.IsSupported) return false;
        var (_, ebx, _, _) = X86Base.CpuId(0, 0);
        return ebx == 0x68747541; // "Auth", the beginning of AuthenticAMD
    }

    // The runtime's own setter does not reach what native code reads.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
