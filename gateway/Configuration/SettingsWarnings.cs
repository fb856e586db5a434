namespace Gateway.Configuration;

/// <summary>What may be meant as it stands, and more often is a mistake: said, and no reason not to start.</summary>
internal static class SettingsWarnings
{
    private static readonly string Unset = new GatewayOptions().ModelsFolder;

    public static IEnumerable<string> Of(GatewayOptions options)
    {
        // A pull makes it, of the program's own or of a model that is pulled at its first call.
        if (options.ModelsFolder != Unset && !Directory.Exists(options.ModelsFolder)) yield return $"Gateway:ModelsFolder: there is no folder '{options.ModelsFolder}'";

        // A team without limits is there for usage alone; where others have limits it may be one of them, spelled otherwise.
        if (options.Teams.Count == 0) yield break;
        foreach (var (i, key) in options.Keys.Index())
            if (key.Team is { } team && !options.Teams.ContainsKey(team)) yield return $"Gateway:Keys:{i}:Team: '{team}' has no limits in Gateway:Teams; it is for usage alone";
    }
}
