using Gateway.Tests.Doors;

namespace Gateway.Tests.Telemetry;

/// <summary>What <c>/metrics</c> says, by series.</summary>
internal sealed class Series(string text)
{
    public string Text => text;

    public static async Task<Series> OfAsync(Door door) => new(await door.Http.GetStringAsync("metrics", TestContext.Current.CancellationToken));

    /// <summary>Reads until a call that ended without anybody to see it is counted.</summary>
    public static async Task<Series> OfAsync(Door door, Func<Series, bool> until)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var series = await OfAsync(door);
            if (until(series) || limit.IsCancellationRequested) return series;
            await Task.Yield();
        }
    }

    /// <summary>How many series have this name.</summary>
    public int Count(string name) => text.Split('\n').Count(line => line.StartsWith(name + "{", StringComparison.Ordinal));

    /// <summary>Of all series of this name with all of these labels.</summary>
    public double Sum(string name, params (string Name, string Value)[] labels) => With(name, labels).Sum(Number);

    /// <summary>The value of the one series of this name with all of these labels; null where there is none.</summary>
    public double? Value(string name, params (string Name, string Value)[] labels)
    {
        var found = With(name, labels).ToList();
        found.Count.ShouldBeLessThan(2, string.Join('\n', found));
        return found.Count == 0 ? null : Number(found[0]);
    }

    private IEnumerable<string> With(string name, (string Name, string Value)[] labels) =>
        text.Split('\n').Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) && labels.All(label => line.Contains($"{label.Name}=\"{label.Value}\"", StringComparison.Ordinal)));

    private static double Number(string line) => double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
}
