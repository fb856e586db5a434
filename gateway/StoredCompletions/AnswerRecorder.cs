using System.Text.Json;
using Gateway.Forwarding;

namespace Gateway.StoredCompletions;

/// <summary>Takes one call's answer as it passes, a stream folded into the plain object, and hands the whole one to the queue.</summary>
internal sealed class AnswerRecorder(RecordedCall call, CompletionQueue queue, CancellationToken abandoned) : IAnswerObserver
{
    private StreamFold fold = new();
    private string? lost;

    public void Begin() => (fold, lost) = (new StreamFold(), null);

    public void Event(ReadOnlyMemory<byte> text)
    {
        if (lost is not null) return;
        try
        {
            fold.Take(text);
            if (fold.Bytes > queue.MaxBytesEach) lost = $"it has more than {queue.MaxBytesEach} bytes";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            lost = "its stream is not what the contract says";
        }

        if (lost is not null) fold = new StreamFold(); // gives the memory back
    }

    public void End()
    {
        if (abandoned.IsCancellationRequested) return;
        if (lost is null && !fold.Whole) lost = "its stream ended before every choice did";
        if (lost is null) queue.Add(call, fold.ToPlain());
        else queue.Lose(call, lost);
    }

    public void Plain(ReadOnlyMemory<byte> body)
    {
        if (abandoned.IsCancellationRequested) return;
        if (body.Length > queue.MaxBytesEach) queue.Lose(call, $"it has more than {queue.MaxBytesEach} bytes");
        else queue.Add(call, body.ToArray());
    }
}
