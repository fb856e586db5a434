using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Gateway.Usage;

internal sealed class UsageTable : IEntityTypeConfiguration<UsageRow>
{
    public void Configure(EntityTypeBuilder<UsageRow> builder)
    {
        builder.ToTable("usage").HasKey(row => row.Id);
        builder.HasIndex(row => row.Began);
        builder.HasIndex(row => new { row.KeyId, row.Began });
        builder.HasIndex(row => new { row.Team, row.Began }).HasFilter("team IS NOT NULL"); // budgets ask by key and by team; everything else looks through a stretch of time
        builder.HasIndex(row => row.Owner).HasFilter("owner IS NOT NULL"); // those that run, of millions
    }
}

internal sealed class UsageOwnerTable : IEntityTypeConfiguration<UsageOwner>
{
    public void Configure(EntityTypeBuilder<UsageOwner> builder) => builder.ToTable("usage_owners").HasKey(row => row.Id);
}
