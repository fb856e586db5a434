namespace Gateway.Usage;

/// <summary>The statements of the hot end of the table. What is written twice counts once: a row is its call's, and a later stage of it stays.</summary>
internal static class UsageSql
{
    private const string Rule = "excluded.stage > usage.stage OR (excluded.stage = 0 AND usage.stage = 0 AND excluded.duration_ms >= usage.duration_ms)";

    private static readonly string Columns = string.Join(", ", UsageColumn.All.Select(static column => column.Name));
    private static readonly string Update = $"ON CONFLICT (id) DO UPDATE SET {string.Join(", ", UsageColumn.All.Where(static column => column.Name != "id").Select(static column => $"{column.Name} = excluded.{column.Name}"))} WHERE {Rule}";

    /// <summary>For SQLite: one row, prepared once for all of a transaction.</summary>
    public static readonly string One = $"INSERT INTO usage ({Columns}) VALUES ({string.Join(", ", UsageColumn.All.Select(static column => "@" + column.Name))}) {Update}";

    /// <summary>For PostgreSQL: as many rows as the arrays have, in one way there and back.</summary>
    public static readonly string Many = $"INSERT INTO usage ({Columns}) SELECT * FROM unnest({string.Join(", ", UsageColumn.All.Select(static column => $"@{column.Name}::{(column.IsText ? "text" : "bigint")}[]"))}) {Update}";

    public const string Beat = "INSERT INTO usage_owners (id, beat) VALUES (@owner, 1) ON CONFLICT (id) DO UPDATE SET beat = usage_owners.beat + 1";

    public const string Owners = "SELECT DISTINCT usage.owner, COALESCE(usage_owners.beat, 0) FROM usage LEFT JOIN usage_owners ON usage_owners.id = usage.owner WHERE usage.owner IS NOT NULL";

    public const string Interrupt = "UPDATE usage SET stage = 1, outcome = 'interrupted', owner = NULL WHERE owner = @owner AND stage = 0";

    public const string Forget = "DELETE FROM usage_owners WHERE id = @owner";

    public const string ForgetIdle = "DELETE FROM usage_owners WHERE NOT EXISTS (SELECT 1 FROM usage WHERE usage.owner = usage_owners.id)"; // a number that begins anew shows life too

    public const string Sweep = "DELETE FROM usage WHERE id IN (SELECT id FROM usage WHERE began < @oldest ORDER BY began LIMIT @most)";
}
