using System.Net;
using System.Net.Sockets;
using Gateway.Errors;

namespace Gateway.Keys;

/// <summary>
/// Counts wrong keys by address, in a table whose size is fixed: addresses that share a place share its count, and only what is wrong
/// ever waits. Of IPv6 the network counts, which one subscriber has. Thread-safe.
/// </summary>
internal sealed class WrongKeys(TimeProvider time, int places = 1 << 14, int mostWaiting = 1_000)
{
    private readonly long[] counts = new long[places]; // the window's number, and how many came in it
    private readonly long began = time.GetTimestamp();
    private int waiting;

    /// <summary>Returns at once, or late, for the refusal to follow.</summary>
    /// <exception cref="ProblemException">Too many came.</exception>
    public async Task NoteAsync(IPAddress? address, BruteForceOptions options, CancellationToken cancellation)
    {
        var (count, left) = Count(address, options.Window);
        if (count <= options.Free) return;
        if (count > options.Most || Volatile.Read(ref waiting) >= mostWaiting) throw new ProblemException(Problems.TooManyWrongKeys(left));
        Interlocked.Increment(ref waiting);
        try
        {
            await Task.Delay(options.Delay, time, cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    private (int Count, TimeSpan Left) Count(IPAddress? address, TimeSpan window)
    {
        var elapsed = time.GetElapsedTime(began).Ticks;
        var number = (elapsed / window.Ticks) & int.MaxValue;
        ref var place = ref counts[Place(address)];
        while (true)
        {
            var was = Volatile.Read(ref place);
            var now = was >> 32 == number ? was + 1 : (number << 32) + 1;
            if (Interlocked.CompareExchange(ref place, now, was) == was) return ((int)(uint)now, TimeSpan.FromTicks(window.Ticks - (elapsed % window.Ticks)));
        }
    }

    // By a hash with a seed of this process: nobody can choose whose place he shares.
    private int Place(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        var hash = new HashCode();
        if (address is not null && (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).TryWriteBytes(bytes, out var length))
            hash.AddBytes(bytes[..(length == 4 ? 4 : address.AddressFamily == AddressFamily.InterNetworkV6 ? 8 : length)]);
        return (int)((uint)hash.ToHashCode() % (uint)counts.Length);
    }
}
