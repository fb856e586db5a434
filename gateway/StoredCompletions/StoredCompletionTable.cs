using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Gateway.StoredCompletions;

internal sealed class StoredCompletionTable : IEntityTypeConfiguration<StoredCompletion>
{
    public void Configure(EntityTypeBuilder<StoredCompletion> builder)
    {
        builder.ToTable("stored_completions").HasKey(row => row.Number);
        builder.Property(row => row.Id).IsRequired(); // by convention it was a key first, and a column that may be null afterwards
        builder.HasIndex(row => row.Id).IsUnique();
        builder.HasIndex(row => new { row.Owner, row.Created, row.Number });
        builder.HasIndex(row => row.StoredAt);
        builder.HasMany(row => row.Metadata).WithOne().HasForeignKey(row => row.Number).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class StoredMetadataTable : IEntityTypeConfiguration<StoredMetadata>
{
    public void Configure(EntityTypeBuilder<StoredMetadata> builder)
    {
        builder.ToTable("stored_metadata").HasKey(row => new { row.Number, row.Key });
        builder.HasIndex(row => new { row.Key, row.Value });
    }
}
