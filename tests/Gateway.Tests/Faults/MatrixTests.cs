using System.Reflection;
using Gateway.Tests.Doors;
using Gateway.Tests.Faults.Signals;
using Gateway.Tests.Faults.Storage;
using Gateway.Tests.Faults.Tls;

namespace Gateway.Tests.Faults;

/// <summary>The matrix in the README is what the tests state, row by row.</summary>
public class MatrixTests
{
    private static readonly Type[] Others = [typeof(ConnectTests), typeof(DeadTargetTests), typeof(LeakTests), typeof(CertificateTests), typeof(PatienceTests), typeof(PromptnessTests), typeof(LargeBodyTests), typeof(FarewellTests), typeof(Http2ClientTests), typeof(TlsClientTests), typeof(CertificateFileTests), typeof(TlsProcessTests), typeof(SignalTests), typeof(MigrationFaultTests), typeof(AwayTests), typeof(FullDiskTests)];

    [Fact]
    public void The_matrix_of_the_readme_is_what_is_tested()
    {
        var matrix = Matrix();
        if (Environment.GetEnvironmentVariable("FAULTS_MATRIX") is { } file) File.WriteAllText(file, matrix);
        var readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Faults", "README.md"));
        readme.ReplaceLineEndings("\n").ShouldEndWith(matrix);
        (PlainFaults.All.Count() + StreamFaults.All.Count() + Http2Faults.All.Count() + ClientFaults.All.Count()).ShouldBeGreaterThanOrEqualTo(60);
    }

    private static string Matrix()
    {
        var lines = new List<string> { "## Upstreams", "", "An upstream that …", "", "| fault | call | the client sees | attempts | recorded |", "|---|---|---|---|---|" };
        lines.AddRange(PlainFaults.All.Concat(StreamFaults.All).Concat(Http2Faults.All).Concat(StatusFaults.All).Select(fault => fault.Row));
        lines.AddRange(["", "## Clients", "", "A client that …", "", "| fault | the client sees | attempts |", "|---|---|---|"]);
        lines.AddRange(ClientFaults.All.Select(fault => fault.Row));
        lines.AddRange(["", "## Signals", "", "A gateway that gets a signal while …", "", "| stage of a call | SIGTERM, it goes on | SIGTERM, it does not | recorded then | SIGKILL |", "|---|---|---|---|---|"]);
        lines.AddRange(Stage.All.Select(stage => stage.Row));
        lines.AddRange(["", "## Besides", ""]);
        foreach (var type in Others)
            lines.AddRange(type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                .Where(static method => method.IsDefined(typeof(FactAttribute))).Select(static test => $"- {test.Name.Replace('_', ' ')}"));
        return string.Join('\n', lines) + "\n";
    }
}
