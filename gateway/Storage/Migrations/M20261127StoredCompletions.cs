using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

namespace Gateway.Storage.Migrations;

/// <summary>Chat completions that callers asked to be kept, and their metadata.</summary>
[DbContext(typeof(GatewayDb))]
[Migration("20261127_StoredCompletions")]
internal sealed class M20261127StoredCompletions : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "stored_completions",
            table => new
            {
                number = table.Column<long>().Annotation("Sqlite:Autoincrement", true).Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                id = table.Column<string>(),
                model = table.Column<string>(),
                answered_model = table.Column<string>(),
                created = table.Column<long>(),
                stored_at = table.Column<long>(),
                deleted_at = table.Column<long>(nullable: true),
                answer = table.Column<string>(),
                messages = table.Column<string>(),
            },
            constraints: table => table.PrimaryKey("pk_stored_completions", row => row.number));
        migrationBuilder.CreateIndex("ix_stored_completions_id", "stored_completions", "id", unique: true);
        migrationBuilder.CreateIndex("ix_stored_completions_created", "stored_completions", ["created", "number"]);
        migrationBuilder.CreateIndex("ix_stored_completions_stored_at", "stored_completions", "stored_at");

        migrationBuilder.CreateTable(
            "stored_metadata",
            table => new { number = table.Column<long>(), key = table.Column<string>(), value = table.Column<string>() },
            constraints: table =>
            {
                table.PrimaryKey("pk_stored_metadata", row => new { row.number, row.key });
                table.ForeignKey("fk_stored_metadata_number", row => row.number, "stored_completions", "number", onDelete: ReferentialAction.Cascade);
            });
        migrationBuilder.CreateIndex("ix_stored_metadata_key_value", "stored_metadata", ["key", "value"]);
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable("stored_metadata");
        migrationBuilder.DropTable("stored_completions");
    }
}
