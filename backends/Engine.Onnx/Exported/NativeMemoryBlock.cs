using System.Runtime.InteropServices;

namespace Gateway.Engine.Onnx.Exported;

/// <summary>Memory outside the heap. Fresh memory is zero: pages cost nothing until they are written, and padding never holds a NaN by chance.</summary>
internal sealed unsafe class NativeMemoryBlock : IDisposable
{
    private byte* start;

    public NativeMemoryBlock(long bytes)
    {
        start = (byte*)NativeMemory.AllocZeroed((nuint)bytes);
        Bytes = bytes;
    }

    public long Bytes { get; private set; }

    public byte* Start => start is not null ? start : throw new ObjectDisposedException(nameof(NativeMemoryBlock));

    public void Dispose()
    {
        NativeMemory.Free(start);
        start = null;
        Bytes = 0;
    }
}
