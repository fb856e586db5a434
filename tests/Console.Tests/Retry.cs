namespace Gateway.Console.Tests;

/// <summary>For what is written after an answer: it is looked at again and again until it holds.</summary>
internal static class Retry
{
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition()) await Task.Delay(50, limit.Token);
    }
}
