using System.Buffers;

namespace Gateway.Pulling;

/// <summary>Brings the files of one pull over several connections. Each takes the next missing part of the first file that has one.</summary>
internal sealed class Downloads(HubClient hub, HubOptions options, TimeProvider time, ModelReference model, string commit, PullProgress progress)
{
    private const int CommitBytes = 1 << 20; // how much a kill costs a connection at most
    private const int ReadBytes = 128 << 10;

    /// <summary>Brings all files to the end; what came stays noted when it fails.</summary>
    public async Task RunAsync(IReadOnlyList<PartialFile> files, CancellationToken cancellation)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAll(Enumerable.Range(0, options.Connections).Select(_ => ConnectionAsync(files, failed)));
    }

    private async Task ConnectionAsync(IReadOnlyList<PartialFile> files, CancellationTokenSource failed)
    {
        var patience = new Patience(options, time, progress);
        try
        {
            while (Take(files) is var (file, range))
            {
                try
                {
                    await PartAsync(file, range, patience, failed.Token);
                }
                catch (PassingException failure)
                {
                    await patience.WaitAsync(failure, failed.Token);
                }
                finally
                {
                    file.GiveBack(range);
                }
            }
        }
        catch
        {
            await failed.CancelAsync(); // the others stop with the first that fails
            throw;
        }
    }

    private (PartialFile File, ByteRange Range)? Take(IReadOnlyList<PartialFile> files)
    {
        foreach (var file in files)
            if (file.Take(options.PartBytes) is { } range) return (file, range);
        return null;
    }

    private async Task PartAsync(PartialFile file, ByteRange range, Patience patience, CancellationToken cancellation)
    {
        using var idle = new CancellationTokenSource(options.IdleTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, idle.Token);
        var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            var (answer, whole) = await hub.OpenAsync(model, commit, file.File, range, either.Token);
            using (answer)
            {
                if (whole && range.Length < file.File.Size)
                {
                    file.TakeWholeOnly(); // the server does not know ranges
                    return;
                }

                await using var body = await answer.Content.ReadAsStreamAsync(either.Token);
                await CopyAsync(body, file, range, buffer, idle, patience, either.Token);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new PassingException($"the connection broke while {file.File.Path} was coming: {e.Message}");
        }
        catch (OperationCanceledException) when (idle.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new PassingException($"nothing of {file.File.Path} came for {Texts.Time(options.IdleTimeout)}");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task CopyAsync(Stream body, PartialFile file, ByteRange range, byte[] buffer, CancellationTokenSource idle, Patience patience, CancellationToken cancellation)
    {
        var (noted, at) = (range.Start, range.Start);
        try
        {
            while (at < range.End)
            {
                idle.CancelAfter(options.IdleTimeout);
                var read = await body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, range.End - at)), cancellation);
                if (read == 0) throw new PassingException($"the connection ended while {file.File.Path} was coming");
                await WriteAsync(file, buffer.AsMemory(0, read), at, cancellation);
                at += read;
                if (at - noted >= CommitBytes) Note();
            }
        }
        finally
        {
            if (at > noted) Note();
        }

        void Note()
        {
            var fresh = file.Commit(new ByteRange(noted, at));
            if (fresh > 0) patience.Renew(); // bytes that were there before are no progress
            progress.Add(fresh);
            noted = at;
        }
    }

    /// <summary>A full disk will not pass by waiting.</summary>
    private static async ValueTask WriteAsync(PartialFile file, ReadOnlyMemory<byte> bytes, long at, CancellationToken cancellation)
    {
        try
        {
            await file.WriteAsync(bytes, at, cancellation);
        }
        catch (IOException e)
        {
            throw new PullException($"{file.File.Path} cannot be written: {e.Message}");
        }
    }
}
