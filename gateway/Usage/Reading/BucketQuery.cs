using System.Buffers.Binary;
using System.Buffers.Text;
using Gateway.Errors;

namespace Gateway.Usage.Reading;

/// <summary>Stretches of time that a list of buckets is asked for, as OpenAI's contract has them. In Unix seconds; buckets begin at whole minutes, hours and days of UTC.</summary>
/// <param name="Start">The first moment.</param>
/// <param name="End">The first one after it.</param>
/// <param name="Width">Of a bucket.</param>
/// <param name="First">Where this page's first bucket begins.</param>
/// <param name="Limit">How many buckets it may have.</param>
internal sealed record BucketQuery(long Start, long End, long Width, long First, int Limit)
{
    private const string PageStart = "page_";
    private const int MaxCosts = 180;

    /// <summary>Where the first bucket after this page begins.</summary>
    public long Next => Math.Min(First + (Limit * Width), Last + Width);

    /// <summary>Whether there is a page after this one.</summary>
    public bool HasMore => Next < End;

    /// <summary>How the next page is asked for.</summary>
    public string? NextPage => HasMore ? PageOf(Next) : null;

    private long Last => (End - 1) / Width * Width;

    /// <exception cref="ProblemException">A value is not one that the contract knows.</exception>
    public static BucketQuery Read(IQueryCollection query, bool costs, DateTimeOffset now)
    {
        var start = QueryText.Time(query, "start_time") ?? throw new ProblemException(Problems.Missing("start_time"));
        var end = QueryText.Time(query, "end_time");
        if (end <= start) throw new ProblemException(Problems.Invalid("end_time", "it must be later than 'start_time'."));
        var width = QueryText.OneOf(query, "bucket_width", costs ? ["1d"] : ["1m", "1h", "1d"]) is [.., var named] ? named : "1d";
        var (seconds, usual, most) = width switch { "1m" => (60L, 60, 1_440), "1h" => (3_600L, 24, 168), _ => (86_400L, 7, costs ? MaxCosts : 31) };
        var limit = (int)(QueryText.Number(query, "limit", 1, most) ?? usual);
        var first = QueryText.Text(query, "page") is { } page ? Page(page) : start / seconds * seconds;
        if (first % seconds != 0 || first < start / seconds * seconds) throw new ProblemException(Problems.Invalid("page", "it is not a page of this query."));
        return new BucketQuery(start, end ?? Math.Max(now.ToUnixTimeSeconds() + 1, start), seconds, first, limit);
    }

    /// <summary>The beginnings of this page's buckets.</summary>
    public IEnumerable<long> Buckets()
    {
        for (var at = First; at < Next; at += Width) yield return at;
    }

    private static string PageOf(long at)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, at);
        return PageStart + Base64Url.EncodeToString(bytes);
    }

    private static long Page(string page)
    {
        Span<byte> bytes = stackalloc byte[8];
        return page.Length == PageStart.Length + 11 && page.StartsWith(PageStart, StringComparison.Ordinal) && Base64Url.TryDecodeFromChars(page.AsSpan(PageStart.Length), bytes, out var length) && length == 8
            ? BinaryPrimitives.ReadInt64BigEndian(bytes)
            : throw new ProblemException(Problems.Invalid("page", "it is not a page of this query."));
    }
}
