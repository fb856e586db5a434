using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Gateway.Storage.Migrations;

/// <summary>Sessions of the console that were signed out of.</summary>
[DbContext(typeof(GatewayDb))]
[Migration("20261128_EndedSessions")]
internal sealed class M20261128EndedSessions : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("ended_sessions", table => new { id = table.Column<string>(), until = table.Column<long>() }, constraints: table => table.PrimaryKey("pk_ended_sessions", row => row.id));
        migrationBuilder.CreateIndex("ix_ended_sessions_until", "ended_sessions", "until");
    }

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropTable("ended_sessions");
}
