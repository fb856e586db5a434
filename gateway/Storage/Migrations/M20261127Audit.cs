using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

namespace Gateway.Storage.Migrations;

/// <summary>Who changed what by the admin API and on the command line.</summary>
[DbContext(typeof(GatewayDb))]
[Migration("20261127_Audit")]
internal sealed class M20261127Audit : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "audit",
            table => new
            {
                number = table.Column<long>().Annotation("Sqlite:Autoincrement", true).Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                at = table.Column<long>(),
                who = table.Column<string>(),
                what = table.Column<string>(),
                target = table.Column<string>(),
                address = table.Column<string>(nullable: true),
                request_id = table.Column<string>(nullable: true),
                before = table.Column<string>(nullable: true),
                after = table.Column<string>(nullable: true),
            },
            constraints: table => table.PrimaryKey("pk_audit", row => row.number));
        migrationBuilder.CreateIndex("ix_audit_target_number", "audit", ["target", "number"]);
    }

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropTable("audit");
}
