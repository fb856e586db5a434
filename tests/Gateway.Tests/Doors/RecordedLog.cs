using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Doors;

/// <summary>Keeps every line that is logged.</summary>
internal sealed class RecordedLog : ILoggerProvider
{
    private readonly Lock gate = new();
    private readonly List<string> lines = [];
    private readonly List<(string Mark, TaskCompletionSource<string> Found)> awaited = [];

    public string Text
    {
        get { lock (gate) return string.Join('\n', lines); }
    }

    public ILogger CreateLogger(string categoryName) => new Lines(this);

    /// <summary>The first line with this text, whenever it is said.</summary>
    public async Task<string> LineAsync(string mark)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (lines.Find(line => line.Contains(mark, StringComparison.Ordinal)) is { } said) return said;
            awaited.Add((mark, found));
        }

        return await found.Task.WaitAsync(TimeSpan.FromSeconds(5));
    }

    public void Dispose()
    {
    }

    private void Add(string line)
    {
        lock (gate)
        {
            lines.Add(line);
            foreach (var (mark, found) in awaited)
                if (line.Contains(mark, StringComparison.Ordinal)) found.TrySetResult(line);
        }
    }

    private sealed class Lines(RecordedLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => log.Add($"{logLevel} {formatter(state, exception)} {exception}");
    }
}
