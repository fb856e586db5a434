using System.Text.RegularExpressions;

namespace Gateway.Architecture.Tests;

/// <summary>What the repository promises about itself.</summary>
public partial class RepositoryTests
{
    private static readonly string[] Rooms = ["gateway", "backends", "clients", "tests", "charts", ".ci"];

    [Fact]
    public void The_top_level_holds_only_what_its_owner_fixed()
    {
        string[] allowed = ["gateway", "backends", "clients", "tests", "charts", "Gateway.sln", "README.md", "LICENSE", "global.json", "BannedSymbols.txt", "gateway.json", "models", "TestResults", "artifacts"];

        var found = Directory.EnumerateFileSystemEntries(Shared.Root).Select(path => Path.GetFileName(path)!)
            .Where(name => !name.StartsWith('.') && !name.StartsWith("Directory.", StringComparison.Ordinal));

        found.Except(allowed).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("gateway")]
    [InlineData("backends/Engine")]
    [InlineData("backends/Engine.Torch")]
    [InlineData("backends/Worker")]
    [InlineData("clients/Protocol")]
    [InlineData("clients/Client")]
    [InlineData("tests")]
    public void Every_room_has_a_readme_of_about_one_screen(string room)
    {
        var lines = File.ReadAllLines(Path.Combine(Shared.Root, room, "README.md"));

        lines.Length.ShouldBeInRange(10, 120);
    }

    [Fact]
    public void Production_code_holds_no_unfinished_work()
    {
        var unfinished = SourceFiles().Where(file => !file.Contains($"{Path.DirectorySeparatorChar}tests{Path.DirectorySeparatorChar}"))
            .Where(file => Unfinished().IsMatch(File.ReadAllText(file)));

        unfinished.ShouldBeEmpty();
    }

    [Fact]
    public void A_file_past_four_hundred_lines_gives_its_reason_in_a_readme()
    {
        var readmes = Rooms.Select(room => Path.Combine(Shared.Root, room)).Where(Directory.Exists)
            .SelectMany(room => Directory.EnumerateFiles(room, "README.md", SearchOption.AllDirectories)).Select(File.ReadAllText).ToList();

        var unexplained = SourceFiles().Where(file => File.ReadLines(file).Count() > 400)
            .Where(file => !readmes.Exists(text => text.Contains(Path.GetFileName(file), StringComparison.Ordinal)));

        unexplained.ShouldBeEmpty();
    }

    private static IEnumerable<string> SourceFiles() =>
        Rooms.Select(room => Path.Combine(Shared.Root, room)).Where(Directory.Exists)
            .SelectMany(room => Directory.EnumerateFiles(room, "*.cs", SearchOption.AllDirectories))
            .Where(file => !BuildOutput().IsMatch(file));

    [GeneratedRegex(@"[\\/](bin|obj|node_modules)[\\/]")]
    private static partial Regex BuildOutput();

    [GeneratedRegex(@"NotImplementedException|\bTODO\b|\bFIXME\b|\bHACK\b")]
    private static partial Regex Unfinished();
}
