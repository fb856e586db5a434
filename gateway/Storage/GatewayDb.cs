using System.Text.Json;
using Gateway.Admin.Audit;
using Gateway.AdminConsole;
using Gateway.Keys.Stored;
using Gateway.StoredCompletions;
using Gateway.Usage;
using Microsoft.EntityFrameworkCore;

namespace Gateway.Storage;

/// <summary>Everything that the gateway keeps. One context for both databases: no column has a type of its own, so that each provider chooses.</summary>
internal sealed class GatewayDb(DbContextOptions<GatewayDb> options) : DbContext(options)
{
    public DbSet<StoredCompletion> StoredCompletions => Set<StoredCompletion>();

    public DbSet<StoredMetadata> StoredMetadata => Set<StoredMetadata>();

    public DbSet<StoredKey> Keys => Set<StoredKey>();

    public DbSet<StoredSecret> KeySecrets => Set<StoredSecret>();

    public DbSet<KeyChanges> KeyChanges => Set<KeyChanges>();

    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    public DbSet<UsageRow> Usage => Set<UsageRow>();

    public DbSet<UsageOwner> UsageOwners => Set<UsageOwner>();

    public DbSet<EndedSession> EndedSessions => Set<EndedSession>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfiguration(new StoredCompletionTable()).ApplyConfiguration(new StoredMetadataTable());
        var keys = new KeyTables();
        modelBuilder.ApplyConfiguration<StoredKey>(keys).ApplyConfiguration<StoredSecret>(keys).ApplyConfiguration<KeyChanges>(keys).ApplyConfiguration(new AuditTable());
        modelBuilder.ApplyConfiguration(new UsageTable()).ApplyConfiguration(new UsageOwnerTable()).ApplyConfiguration(new EndedSessionTable());
        // PostgreSQL would want quotes around every other spelling.
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties())) property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
    }
}
