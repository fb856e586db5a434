using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Gateway.ResponseCache;

/// <summary>What a caller says about cached answers (RFC 9111, section 5.2.1). What it does not say leaves all to the settings.</summary>
/// <param name="MayLook">Whether a kept answer will do; not with <c>no-cache</c>.</param>
/// <param name="MayKeep">Whether the answer may be kept; not with <c>no-store</c>.</param>
/// <param name="MaxAge">How old it may be.</param>
/// <param name="OnlyIfCached">Whether nobody else is to be asked.</param>
internal readonly record struct CacheControl(bool MayLook, bool MayKeep, TimeSpan? MaxAge, bool OnlyIfCached)
{
    private static readonly CacheControl Silent = new(true, true, null, false);

    public static CacheControl Of(IHeaderDictionary headers)
    {
        var said = headers.CacheControl;
        if (said.Count == 0) return headers.Pragma.ToString().Equals("no-cache", StringComparison.OrdinalIgnoreCase) ? Silent with { MayLook = false } : Silent;
        var control = Silent;
        foreach (var directive in Directives(said))
        {
            var at = directive.IndexOf('=');
            var (name, value) = at < 0 ? (directive, "") : (directive[..at].TrimEnd(), directive[(at + 1)..].Trim().Trim('"'));
            control = name.ToLowerInvariant() switch
            {
                "no-store" => control with { MayLook = false, MayKeep = false },
                "no-cache" => control with { MayLook = false },
                "only-if-cached" => control with { OnlyIfCached = true },
                // What is no number is as strict as can be.
                "max-age" => control with { MaxAge = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue)) : TimeSpan.Zero },
                _ => control,
            };
        }

        return control;
    }

    private static IEnumerable<string> Directives(StringValues said) => said.SelectMany(static line => (line ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
