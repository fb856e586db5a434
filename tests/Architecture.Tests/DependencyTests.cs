using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Gateway.Architecture.Tests;

/// <summary>Dependencies point one way: Engine knows no HTTP and no Torch, Gateway knows no Engine, Protocol knows no one.</summary>
public class DependencyTests
{
    /// <summary>Project → the projects and packages that it may name. A trailing * stands for any ending.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Protocol"] = [],
        ["Client"] = ["Protocol"],
        ["Engine"] = ["System.Numerics.Tensors", "Microsoft.ML.Tokenizers"],
        ["Engine.Torch"] = ["Engine", "TorchSharp", "TorchSharp-cuda-linux", "libtorch-cpu-*"],
        ["Engine.Onnx"] = ["Engine", "Microsoft.ML.OnnxRuntime*"],
        ["Worker"] = ["Protocol", "Engine", "Engine.Torch", "Engine.Onnx", "OpenTelemetry*"],
        ["Gateway"] = ["Protocol", "Yarp.ReverseProxy", "Microsoft.AspNetCore.*", "Scalar.AspNetCore", "Polly.*", "Microsoft.EntityFrameworkCore*", "Npgsql.*", "StackExchange.Redis", "OpenTelemetry*"],
    };

    public static TheoryData<string> Projects => new(Allowed.Keys.Where(name => ProjectFile(name) is not null));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_names_only_what_it_may(string project)
    {
        var references = References(project);

        references.Where(reference => !Allowed[project].Any(allowed => Matches(reference, allowed))).ShouldBeEmpty();
    }

    [Fact]
    public void The_gateway_builds_the_worker_but_never_compiles_against_it()
    {
        var reference = XDocument.Load(ProjectFile("Gateway")!).Descendants("ProjectReference").Single(e => Included(e).EndsWith("Worker.csproj", StringComparison.Ordinal));

        ((string?)reference.Attribute("ReferenceOutputAssembly")).ShouldBe("false");
    }

    [Fact]
    public void Every_project_outside_tests_has_a_row_in_the_table()
    {
        var known = Allowed.Keys.Select(ProjectFile).OfType<string>().Select(Path.GetFullPath);
        var found = new[] { "gateway", "backends", "clients" }
            .SelectMany(room => Directory.EnumerateFiles(Path.Combine(Shared.Root, room), "*.csproj", SearchOption.AllDirectories)).Select(Path.GetFullPath);

        found.Except(known).ShouldBeEmpty();
    }

    [Fact]
    public void Versions_are_pinned_in_one_place()
    {
        var versions = XDocument.Load(Path.Combine(Shared.Root, "Directory.Packages.props")).Descendants("PackageVersion").Select(e => (string?)e.Attribute("Version")).ToList();
        versions.ShouldNotBeEmpty();
        versions.ShouldAllBe(version => version != null && !version.Contains('*') && !version.Contains('['));

        foreach (var file in Directory.EnumerateFiles(Shared.Root, "*.csproj", SearchOption.AllDirectories))
            XDocument.Load(file).Descendants("PackageReference").Where(e => e.Attribute("Version") is not null).ShouldBeEmpty($"{file} names a version of its own");
    }

    [Fact]
    public void Cuda_comes_in_by_one_property_and_is_never_there_by_default()
    {
        var packages = XDocument.Load(ProjectFile("Engine.Torch")!).Descendants("PackageReference").ToList();
        var cuda = packages.Where(e => Included(e).Contains("cuda", StringComparison.Ordinal)).ToList();

        cuda.ShouldNotBeEmpty();
        cuda.ShouldAllBe(e => ConditionOf(e).Contains("'$(Accelerator)' == 'cuda'"));
        packages.Except(cuda).ShouldAllBe(e => ConditionOf(e).Contains("'$(Accelerator)' != 'cuda'"));
    }

    [Theory]
    [InlineData("Engine.Torch", "TorchSharp-cuda-linux", "TorchSharp")]
    [InlineData("Engine.Onnx", "Microsoft.ML.OnnxRuntime.Gpu", "Microsoft.ML.OnnxRuntime")]
    public async Task The_accelerator_property_swaps_the_package_and_nothing_else_does(string project, string cuda, string cpu)
    {
        (await PackagesAsync(project, "-p:Accelerator=cuda")).ShouldSatisfyAllConditions(found => found.ShouldContain(cuda), found => found.ShouldNotContain(cpu));
        (await PackagesAsync(project)).ShouldSatisfyAllConditions(found => found.ShouldContain(cpu), found => found.ShouldNotContain(cuda));
    }

    /// <summary>What MSBuild itself makes of a project; nothing is restored.</summary>
    private static async Task<List<string>> PackagesAsync(string project, params string[] properties)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["msbuild", ProjectFile(project)!, "-getItem:PackageReference", "-nologo", .. properties]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0, output);
        return [.. JsonNode.Parse(output)!["Items"]!["PackageReference"]!.AsArray().Select(item => (string)item!["Identity"]!)];
    }

    private static string ConditionOf(XElement element) => string.Join(' ', element.AncestorsAndSelf().Select(e => (string?)e.Attribute("Condition")));

    /// <summary>References that the compiler sees; one that only orders the build is not an arrow.</summary>
    private static IEnumerable<string> References(string project)
    {
        var document = XDocument.Load(ProjectFile(project)!);
        var projects = document.Descendants("ProjectReference").Where(e => (string?)e.Attribute("ReferenceOutputAssembly") != "false").Select(e => Path.GetFileNameWithoutExtension(Included(e)));
        return projects.Concat(document.Descendants("PackageReference").Select(Included));
    }

    private static string Included(XElement element) => (string?)element.Attribute("Include") ?? "";

    private static bool Matches(string name, string allowed) =>
        allowed.EndsWith('*') ? name.StartsWith(allowed[..^1], StringComparison.Ordinal) : name == allowed;

    private static string? ProjectFile(string name) =>
        new[] { $"gateway/{name}.csproj", $"backends/{name}/{name}.csproj", $"clients/{name}/{name}.csproj" }
            .Select(path => Path.Combine(Shared.Root, path)).FirstOrDefault(File.Exists);
}
