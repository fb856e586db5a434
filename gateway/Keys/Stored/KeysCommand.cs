using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Admin.Audit;
using Gateway.Configuration;
using Gateway.Errors;
using Gateway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Keys.Stored;

/// <summary><c>gateway keys create|list|rotate|revoke</c>: the same store as the admin API, opened by this process. Running gateways hear of it within a second.</summary>
internal static class KeysCommand
{
    public const string Usage = """
        gateway keys create --name NAME [--team TEAM] [--scopes A,B] [--models A,B] [--expires DATE] [--requests-per-minute N]… | list | rotate ID [--grace TIME] | revoke ID
        """;

    private static readonly string[] Lists = ["scopes", "models"];

    public static async Task<int> RunAsync(string[] args, GatewayOptions options, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var database = new Database(options, NullLogger<Database>.Instance);
        using var feed = new KeyFeed(database, new KeyCache(), TimeProvider.System, NullLogger<KeyFeed>.Instance);
        var store = new KeyStore(database, feed, TimeProvider.System);
        try
        {
            switch (args)
            {
                case ["create", .. var rest]:
                    return await CreateAsync(store, Fields(rest), output, error, cancellation);
                case ["list"] or ["list", ['-', ..], ..]:
                    return await ListAsync(store, output, cancellation);
                case ["rotate", [not '-', ..] id, .. var rest]:
                    return await RotateAsync(store, id, Fields(rest), output, error, cancellation);
                case ["revoke", [not '-', ..] id, ..]:
                    if (!await store.DeleteAsync(id, Author.AtCommandLine, cancellation)) throw new ProblemException(Problems.NoSuchKey(id));
                    await error.WriteLineAsync($"{id} opens nothing any more.");
                    return 0;
                default:
                    await error.WriteLineAsync("Usage: " + Usage);
                    return 2;
            }
        }
        catch (ProblemException e)
        {
            await error.WriteLineAsync("error: " + (e.Problem.Status == 503 ? $"the database {DatabaseAddress.Shown(options.Database)} cannot be used" : e.Message));
            return 1;
        }
    }

    // The key alone goes to the output, so that it can be piped to where it is kept.
    private static async Task<int> CreateAsync(KeyStore store, JsonObject fields, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var draft = new KeyDraft();
        KeyFields.Read(JsonSerializer.SerializeToElement(fields), draft);
        var (row, secret) = await store.CreateAsync(draft, Author.AtCommandLine, cancellation);
        await error.WriteLineAsync($"{row.Id} ({row.Name}) is made. Its key is shown this once:");
        await output.WriteLineAsync(secret);
        return 0;
    }

    private static async Task<int> RotateAsync(KeyStore store, string id, JsonObject fields, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var grace = fields["grace"] is { } given ? KeyFields.Duration("grace", JsonSerializer.SerializeToElement(given), KeysApi.LongestGrace) : KeysApi.DefaultGrace;
        var (row, secret) = await store.RotateAsync(id, grace, Author.AtCommandLine, cancellation) ?? throw new ProblemException(Problems.NoSuchKey(id));
        await error.WriteLineAsync($"{row.Id} ({row.Name}) has another key, which is shown this once; the one before goes on for {grace}:");
        await output.WriteLineAsync(secret);
        return 0;
    }

    private static async Task<int> ListAsync(KeyStore store, TextWriter output, CancellationToken cancellation)
    {
        string? after = null;
        while (true)
        {
            var (rows, more) = await store.ListAsync(new KeyQuery(after, 100, false, null, null), cancellation);
            foreach (var key in rows.Select(row => KeyEntry.Of(row)))
            {
                var expires = key.ExpiresAt is { } end ? DateTimeOffset.FromUnixTimeSeconds(end).ToString("u", CultureInfo.InvariantCulture) : "never expires";
                await output.WriteLineAsync($"{key.Id}  {key.Prefix}  {key.Name}  {key.Team ?? "-"}  {string.Join(',', key.Scopes)}  {string.Join(',', key.Models)}  {expires}{(key.Disabled ? "  disabled" : "")}");
            }

            if (!more) return 0;
            after = rows[^1].Id;
        }
    }

    // --requests-per-minute 60 is the field requests_per_minute of the admin API; settings (--Gateway:…, --config FILE) are read elsewhere.
    private static JsonObject Fields(string[] args)
    {
        var fields = new JsonObject();
        for (var at = 0; at < args.Length; at++)
        {
            if (!args[at].StartsWith("--", StringComparison.Ordinal)) throw new ProblemException(Problems.UnknownParameter(args[at]));
            var (name, value) = args[at].IndexOf('=') is > 0 and var sign ? (args[at][2..sign], args[at][(sign + 1)..]) : (args[at][2..], at + 1 < args.Length ? args[++at] : "");
            if (name is "config" || name.Contains(':')) continue;
            name = name.Replace('-', '_');
            fields[name] = Lists.Contains(name) ? new JsonArray([.. value.Split(',').Select(item => (JsonNode)item)])
                : name is not ("name" or "team") && decimal.TryParse(value, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? number : value;
        }

        return fields;
    }
}
