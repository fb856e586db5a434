using System.Data.Common;

namespace Gateway.Storage;

/// <summary>Which kind of database a connection string names. Read without loading a driver: most gateways never open one.</summary>
/// <param name="Text">The connection string.</param>
/// <param name="IsPostgres">Whether it is PostgreSQL's; SQLite's otherwise.</param>
/// <param name="File">SQLite's file, in the working directory where it is relative; null for a database in memory or behind a URI.</param>
public sealed record DatabaseAddress(string Text, bool IsPostgres, string? File)
{
    private static readonly string[] Hosts = ["Host", "Server"];
    private static readonly string[] Sources = ["Data Source", "DataSource", "Filename"];
    private static readonly string[] Secrets = ["Password", "Pwd", "Passfile", "SSL Password"];

    /// <exception cref="ArgumentException">It is neither; the message says what each looks like.</exception>
    public static DatabaseAddress Parse(string text)
    {
        var parts = Parts(text);
        if (Hosts.Any(parts.ContainsKey)) return new DatabaseAddress(text, true, null);
        if (Sources.FirstOrDefault(parts.ContainsKey) is { } source && parts[source].ToString() is { Length: > 0 } file)
            return new DatabaseAddress(text, false, file == ":memory:" || file.StartsWith("file:", StringComparison.OrdinalIgnoreCase) ? null : Path.GetFullPath(file));
        throw new ArgumentException("must be a connection string of SQLite (Data Source=FILE) or of PostgreSQL (Host=…;Database=…;Username=…)");
    }

    /// <summary>The connection string with its secrets hidden; one that cannot be read is hidden whole.</summary>
    public static string Shown(string text)
    {
        try
        {
            var parts = Parts(text);
            foreach (var secret in Secrets.Where(parts.ContainsKey)) parts[secret] = "***";
            return parts.ConnectionString;
        }
        catch (ArgumentException)
        {
            return "***";
        }
    }

    private static DbConnectionStringBuilder Parts(string text)
    {
        try
        {
            return new DbConnectionStringBuilder { ConnectionString = text };
        }
        catch (ArgumentException)
        {
            // The framework's own message would repeat the text, secrets included.
            throw new ArgumentException("is not a connection string: KEY=VALUE pairs with ; between them");
        }
    }
}
