using Microsoft.Playwright;

namespace Gateway.Console.Tests;

/// <summary>Screenshots for people who want to look: in the folder that the variable <c>CONSOLE_PICTURES</c> names, or nowhere.</summary>
internal static class Pictures
{
    public static async Task TakeAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("CONSOLE_PICTURES") is { Length: > 0 } folder) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = true });
    }
}
