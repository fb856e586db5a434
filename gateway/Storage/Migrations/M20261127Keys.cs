using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Gateway.Storage.Migrations;

/// <summary>Keys, the hashes of what opens them, and the number of their last change.</summary>
[DbContext(typeof(GatewayDb))]
[Migration("20261127_Keys")]
internal sealed class M20261127Keys : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "keys",
            table => new
            {
                id = table.Column<string>(),
                name = table.Column<string>(),
                team = table.Column<string>(nullable: true),
                prefix = table.Column<string>(),
                scopes = table.Column<string>(),
                models = table.Column<string>(),
                limits = table.Column<string>(),
                disabled = table.Column<bool>(),
                created = table.Column<long>(),
                expires = table.Column<long>(nullable: true),
                deleted = table.Column<long>(nullable: true),
                changed = table.Column<long>(),
            },
            constraints: table => table.PrimaryKey("pk_keys", row => row.id));
        migrationBuilder.CreateIndex("ix_keys_changed", "keys", "changed");
        migrationBuilder.CreateIndex("ix_keys_team_id", "keys", ["team", "id"]);

        migrationBuilder.CreateTable(
            "key_secrets",
            table => new { hash = table.Column<string>(), key_id = table.Column<string>(), expires = table.Column<long>(nullable: true) },
            constraints: table =>
            {
                table.PrimaryKey("pk_key_secrets", row => row.hash);
                table.ForeignKey("fk_key_secrets_key_id", row => row.key_id, "keys", "id", onDelete: ReferentialAction.Cascade);
            });
        migrationBuilder.CreateIndex("ix_key_secrets_key_id", "key_secrets", "key_id");

        migrationBuilder.CreateTable(
            "key_changes",
            table => new { id = table.Column<long>(), number = table.Column<long>() },
            constraints: table => table.PrimaryKey("pk_key_changes", row => row.id));
        migrationBuilder.Sql("INSERT INTO key_changes (id, number) VALUES (1, 0)");
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable("key_changes");
        migrationBuilder.DropTable("key_secrets");
        migrationBuilder.DropTable("keys");
    }
}
