namespace Gateway.Configuration;

/// <summary>Names as configuration keys. A colon parts keys, and is common in the names of models (<c>llama3:8b</c>).</summary>
internal static class SettingNames
{
    private const char Colon = '\u0001';

    public static string Escape(string name) => name.Replace(':', Colon);

    public static string Unescape(string key) => key.Replace(Colon, ':');
}
