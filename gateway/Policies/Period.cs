using System.Globalization;

namespace Gateway.Policies;

/// <summary>A calendar day or month in some time zone.</summary>
internal sealed record Period(DateTimeOffset Begins, DateTimeOffset Ends)
{
    /// <summary>Unlike that of any other day or month.</summary>
    public string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"{Begins.ToUnixTimeSeconds()}-{Ends.ToUnixTimeSeconds()}");

    public bool Has(DateTimeOffset time) => time >= Begins && time < Ends;
}

/// <summary>The day and the month that it is.</summary>
internal sealed record Periods(Period Day, Period Month);
