using System.Runtime.InteropServices;

namespace Gateway.Engine.Torch.Kernels;

/// <summary>
/// While weights are loaded, every large piece of memory is the system's own and goes back to it at once. glibc would otherwise keep what was
/// freed between weights, a third of a model. Afterwards large pieces are kept again: a step needs the same ones in every layer. And libtorch is
/// to ask for large pages, since otherwise a million faults cost as much as the reading.
/// </summary>
internal static partial class LoadingMemory
{
    private const int MmapThreshold = -3; // malloc.h
    private const int WhileLoading = 1 << 18;
    private const int Afterwards = 32 << 20; // the highest that glibc's own adaptation reaches

    public static void Begin()
    {
        // libtorch looks once, at its first allocation, into the process's own environment, which .NET's does not reach.
        if (OperatingSystem.IsLinux()) _ = SetVariable("THP_MEM_ALLOC_ENABLE", "1", overwrite: 0);
        Set(WhileLoading);
    }

    public static void End() => Set(Afterwards);

    private static void Set(int bytes)
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = Option(MmapThreshold, bytes);
        }
        catch (EntryPointNotFoundException)
        {
            // Another libc (musl) than glibc: it has no such keeping.
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Option(int parameter, int value);
}
