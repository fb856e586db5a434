using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Gateway.Keys.Stored;

internal sealed class KeyTables : IEntityTypeConfiguration<StoredKey>, IEntityTypeConfiguration<StoredSecret>, IEntityTypeConfiguration<KeyChanges>
{
    public void Configure(EntityTypeBuilder<StoredKey> builder)
    {
        builder.ToTable("keys").HasKey(row => row.Id);
        builder.HasIndex(row => row.Changed);
        builder.HasIndex(row => new { row.Team, row.Id });
    }

    public void Configure(EntityTypeBuilder<StoredSecret> builder)
    {
        builder.ToTable("key_secrets").HasKey(row => row.Hash);
        builder.HasIndex(row => row.KeyId);
        builder.HasOne<StoredKey>().WithMany().HasForeignKey(row => row.KeyId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<KeyChanges> builder)
    {
        builder.ToTable("key_changes").HasKey(row => row.Id);
        builder.Property(row => row.Id).ValueGeneratedNever();
    }
}
