using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Gateway.AdminConsole;

/// <summary>A session that somebody signed out of, where every gateway of the database sees it.</summary>
internal sealed class EndedSession
{
    /// <summary>The session's own.</summary>
    public required string Id { get; init; }

    /// <summary>Unix seconds: until then its cookie would open something.</summary>
    public required long Until { get; init; }
}

internal sealed class EndedSessionTable : IEntityTypeConfiguration<EndedSession>
{
    public void Configure(EntityTypeBuilder<EndedSession> builder)
    {
        builder.ToTable("ended_sessions").HasKey(row => row.Id);
        builder.HasIndex(row => row.Until);
    }
}
