namespace Gateway.Engine.Measures;

/// <summary>The bounds that vLLM's histograms have, so that whatever reads those reads these.</summary>
internal static class Bounds
{
    private const int MostDigits = 9;

    public static double[] Latency => [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1_920, 7_680];

    public static double[] FirstToken => [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2_560];

    public static double[] BetweenTokens => [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];

    public static double[] StepTokens => [1, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384];

    public static double[] Candidates => [1, 2, 5, 10, 20];

    /// <summary>1, 2, 5, 10, 20, … as far as a sequence can be long.</summary>
    public static double[] Tokens(int context) =>
        [.. Enumerable.Range(0, MostDigits).SelectMany(static digits => (double[])[Math.Pow(10, digits), 2 * Math.Pow(10, digits), 5 * Math.Pow(10, digits)]).TakeWhile(bound => bound <= context)];
}
