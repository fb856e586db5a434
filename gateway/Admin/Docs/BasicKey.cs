using System.Buffers;
using System.Text;

namespace Gateway.Admin.Docs;

/// <summary>The key as a password: a browser that opens a page has no other way to bring one. For pages that only show something.</summary>
internal static class BasicKey
{
    public const string Challenge = "Basic realm=\"gateway\", charset=\"UTF-8\"";
    private const string Scheme = "Basic ";

    /// <summary>Makes <c>Basic anybody:KEY</c> the bearer token that it stands for.</summary>
    public static void TakeOver(IHeaderDictionary headers)
    {
        if (headers.Authorization is not [{ } text] || !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return;
        var buffer = new byte[text.Length];
        if (!Convert.TryFromBase64String(text[Scheme.Length..].Trim(), buffer, out var length)) return;
        var pair = Encoding.UTF8.GetString(buffer, 0, length);
        if (pair.IndexOf(':') is >= 0 and var colon && !pair.AsSpan(colon).ContainsAny(SearchValues.Create("\r\n\0"))) headers.Authorization = "Bearer " + pair[(colon + 1)..];
    }
}
