namespace Gateway.Engine.Constraints.Schemas;

/// <summary>
/// Formats as regular expressions. Each allows only what RFC 3339, 5321, 4122, 2673, 4291, 1123 and 3986 allow, and not all of it: February
/// ends on the 28th, no minute has 61 seconds, names are ASCII.
/// </summary>
internal static class StringFormats
{
    private const string Date = "[0-9]{3}[1-9]-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))";
    private const string Time = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])";
    private const string Label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,20}[A-Za-z0-9])?";
    private const string Host = $"{Label}(?:\\.{Label}){{0,5}}";
    private const string Byte = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private const string Path = "[A-Za-z0-9._~!$&'()*+,;=:@-]";

    private static readonly Dictionary<string, string> Formats = new()
    {
        ["date-time"] = $"^{Date}T{Time}$",
        ["date"] = $"^{Date}$",
        ["time"] = $"^{Time}$",
        ["duration"] = "^P(?:[0-9]{1,9}W|[0-9]{1,9}Y(?:[0-9]{1,9}M)?(?:[0-9]{1,9}D)?|[0-9]{1,9}M(?:[0-9]{1,9}D)?|[0-9]{1,9}D|(?:[0-9]{1,9}D)?T(?:[0-9]{1,9}H(?:[0-9]{1,9}M(?:[0-9]{1,9}S)?)?|[0-9]{1,9}M(?:[0-9]{1,9}S)?|[0-9]{1,9}S))$",
        ["email"] = $"^[A-Za-z0-9_+-]{{1,20}}(?:\\.[A-Za-z0-9_+-]{{1,20}}){{0,2}}@{Label}(?:\\.{Label}){{0,2}}\\.[A-Za-z]{{2,10}}$",
        ["uuid"] = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
        ["ipv4"] = $"^{Byte}(?:\\.{Byte}){{3}}$",
        ["ipv6"] = "^(?:(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|::|(?:[0-9a-fA-F]{1,4}:){1,4}(?::[0-9a-fA-F]{1,4}){1,3})$",
        ["hostname"] = $"^{Host}$",
        ["uri"] = $"^[a-z][a-z0-9+.-]{{1,15}}://{Host}(?::[1-9][0-9]{{1,3}})?(?:/{Path}{{0,24}}){{0,8}}(?:\\?{Path}{{1,64}})?(?:#{Path}{{1,24}})?$",
    };

    public static IEnumerable<string> Names => Formats.Keys;

    /// <summary>Null for a format that is not known.</summary>
    public static string? Pattern(string format) => Formats.GetValueOrDefault(format);
}
