namespace Gateway.Policies;

/// <summary>Which calendar day and month it is where budgets are made. Days have 23 and 25 hours too. Thread-safe.</summary>
internal sealed class BudgetCalendar(TimeProvider time)
{
    private sealed record Kept(string Zone, Periods Periods);

    private Kept? kept;

    /// <param name="zone">A time zone's id that the system knows.</param>
    public Periods Now(string zone)
    {
        var now = time.GetUtcNow();
        if (Volatile.Read(ref kept) is { } last && last.Zone == zone && last.Periods.Day.Has(now)) return last.Periods;
        var place = TimeZoneInfo.FindSystemTimeZoneById(zone);
        var today = TimeZoneInfo.ConvertTime(now, place).Date;
        var first = new DateTime(today.Year, today.Month, 1);
        var periods = new Periods(new Period(Begin(today, place), Begin(today.AddDays(1), place)), new Period(Begin(first, place), Begin(first.AddMonths(1), place)));
        Volatile.Write(ref kept, new Kept(zone, periods));
        return periods;
    }

    // The first moment of a date. Where midnight is left out the date begins later; where it comes twice, with the first.
    private static DateTimeOffset Begin(DateTime date, TimeZoneInfo place)
    {
        while (place.IsInvalidTime(date)) date = date.AddMinutes(1);
        return new DateTimeOffset(date, place.IsAmbiguousTime(date) ? place.GetAmbiguousTimeOffsets(date).Max() : place.GetUtcOffset(date)).ToUniversalTime();
    }
}
