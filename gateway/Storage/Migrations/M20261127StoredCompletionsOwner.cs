using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Gateway.Storage.Migrations;

/// <summary>Whose a stored completion is. What was stored before there were keys is nobody's in particular.</summary>
[DbContext(typeof(GatewayDb))]
[Migration("20261127_StoredCompletionsOwner")]
internal sealed class M20261127StoredCompletionsOwner : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<string>("owner", "stored_completions", nullable: false, defaultValue: "anonymous");
        migrationBuilder.DropIndex("ix_stored_completions_created", "stored_completions");
        migrationBuilder.CreateIndex("ix_stored_completions_owner_created", "stored_completions", ["owner", "created", "number"]);
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropIndex("ix_stored_completions_owner_created", "stored_completions");
        migrationBuilder.CreateIndex("ix_stored_completions_created", "stored_completions", ["created", "number"]);
        migrationBuilder.DropColumn("owner", "stored_completions");
    }
}
