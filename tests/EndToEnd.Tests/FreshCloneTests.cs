using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Gateway.EndToEnd.Tests;

/// <summary>What a newcomer does: clone, write a model's second name into a file, type the first command, paste the curl. The second command is what runs this test.</summary>
public class FreshCloneTests
{
    [Fact]
    public async Task A_fresh_clone_answers_a_chat_after_one_command()
    {
        if (!Directory.Exists(Path.Combine(Shared.Root, ".git")) && !File.Exists(Path.Combine(Shared.Root, ".git"))) Assert.Skip("needs a git checkout");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(8));
        var folder = Directory.CreateTempSubdirectory("gateway-clone-").FullName;
        try
        {
            (await RunAsync("git", ["clone", "--quiet", Shared.Root, folder], Path.GetTempPath(), limit.Token)).ShouldBe(0);
            var settings = Path.Combine(folder, "gateway.json");
            await File.WriteAllTextAsync(settings, """{ "Gateway": { "Models": { "mine": { "Targets": [ { "Local": "tiny-chat" } ] } } } }""", limit.Token);
            var start = new ProcessStartInfo("dotnet", ["run", "-c", "Release", "--project", "gateway", "--", "--urls", "http://127.0.0.1:0"])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
            };
            using var gateway = Process.Start(start)!;
            try
            {
                var printed = new StringBuilder();
                Uri? address = null;
                while (address is null && await gateway.StandardOutput.ReadLineAsync(limit.Token) is { } line)
                {
                    printed.AppendLine(line);
                    var at = line.IndexOf("http://127.0.0.1:", StringComparison.Ordinal);
                    if (at >= 0) address = new Uri(new string([.. line[at..].TakeWhile(c => !char.IsWhiteSpace(c))]).TrimEnd('/') + "/");
                }

                address.ShouldNotBeNull(printed.ToString());
                using var client = new HttpClient { BaseAddress = address };
                using var body = new StringContent("""{"model":"mine","temperature":0,"messages":[{"role":"user","content":"What is the capital of France?"}]}""", Encoding.UTF8, "application/json");
                using var answer = await client.PostAsync("v1/chat/completions", body, limit.Token);

                using var completion = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(limit.Token));
                completion.RootElement.TryGetProperty("choices", out var choices).ShouldBeTrue($"{completion.RootElement}\n{printed}");
                choices[0].GetProperty("message").GetProperty("content").GetString()!.ShouldContain("Paris");
                (await gateway.StandardOutput.ReadLineAsync(limit.Token)).ShouldBe($"Settings: {settings}"); // where the command was typed
            }
            finally
            {
                gateway.Kill(entireProcessTree: true);
                await gateway.WaitForExitAsync(CancellationToken.None);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<int> RunAsync(string program, string[] arguments, string folder, CancellationToken cancellation)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder })!;
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode;
    }
}
