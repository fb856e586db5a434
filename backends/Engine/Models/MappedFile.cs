using System.IO.MemoryMappedFiles;

namespace Gateway.Engine.Models;

/// <summary>A file mapped read-only. Spans into it are valid until it is disposed.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* start;
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle handle;

    public MappedFile(string path)
    {
        Path = path;
        Length = new FileInfo(path).Length;
        if (Length == 0) throw new ModelFolderException(path, "the file is empty");
        handle = File.OpenHandle(path);
        map = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
    }

    public string Path { get; }

    public long Length { get; }

    /// <summary>A stretch of the file; the caller has checked its bounds against <see cref="Length"/>.</summary>
    public ReadOnlySpan<byte> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return new(start + offset, length);
    }

    /// <summary>Copies a stretch. For much data this is faster than the mapping, whose every page costs a fault, and leaves nothing resident.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var count = RandomAccess.Read(handle, destination, offset);
            if (count == 0) throw new ModelFolderException(Path, "the file was shortened while it was read");
            destination = destination[count..];
            offset += count;
        }
    }

    public void Dispose()
    {
        if (view.SafeMemoryMappedViewHandle.IsClosed) return;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        map.Dispose();
        handle.Dispose();
    }
}
