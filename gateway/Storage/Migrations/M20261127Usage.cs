using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Gateway.Storage.Migrations;

/// <summary>What calls used, and which processes have calls that run.</summary>
[DbContext(typeof(GatewayDb))]
[Migration("20261127_Usage")]
internal sealed class M20261127Usage : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "usage",
            table => new
            {
                id = table.Column<string>(),
                began = table.Column<long>(),
                key_id = table.Column<string>(),
                key_name = table.Column<string>(),
                team = table.Column<string>(nullable: true),
                model = table.Column<string>(),
                answered_model = table.Column<string>(),
                upstream = table.Column<string>(nullable: true),
                operation = table.Column<string>(),
                stream = table.Column<long>(),
                outcome = table.Column<string>(),
                status = table.Column<long>(),
                prompt_tokens = table.Column<long>(),
                cached_tokens = table.Column<long>(),
                completion_tokens = table.Column<long>(),
                reasoning_tokens = table.Column<long>(),
                estimated = table.Column<long>(),
                cost = table.Column<long>(),
                attempts = table.Column<long>(),
                first_token_ms = table.Column<long>(nullable: true),
                duration_ms = table.Column<long>(),
                request_id = table.Column<string>(),
                owner = table.Column<string>(nullable: true),
                stage = table.Column<long>(),
            },
            constraints: table => table.PrimaryKey("pk_usage", row => row.id));
        migrationBuilder.CreateIndex("ix_usage_began", "usage", "began");
        migrationBuilder.CreateIndex("ix_usage_key_id", "usage", ["key_id", "began"]);
        migrationBuilder.CreateIndex("ix_usage_team", "usage", ["team", "began"], filter: "team IS NOT NULL");
        migrationBuilder.CreateIndex("ix_usage_owner", "usage", "owner", filter: "owner IS NOT NULL");
        migrationBuilder.CreateTable("usage_owners", table => new { id = table.Column<string>(), beat = table.Column<long>() }, constraints: table => table.PrimaryKey("pk_usage_owners", row => row.id));
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable("usage");
        migrationBuilder.DropTable("usage_owners");
    }
}
