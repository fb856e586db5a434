using Gateway.Configuration;
using Gateway.Policies;

namespace Gateway.Keys;

/// <summary>What the settings of keys may be. Each mistake is one line that names its key, and never shows it.</summary>
internal static class KeyOptionsCheck
{
    private const int LeastCharacters = 8;
    private static readonly string[] Taken = ["anonymous", "admin", "this-machine"];

    public static void Run(GatewayOptions options, List<string> errors)
    {
        var (names, secrets) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        if (options.AdminKey is { } admin) secrets.Add(admin);
        foreach (var (i, key) in options.Keys.Index())
        {
            var at = $"Gateway:Keys:{i}";
            if (string.IsNullOrWhiteSpace(key.Name)) errors.Add($"{at}:Name is missing");
            else if (Taken.Contains(key.Name) || key.Name.StartsWith(KeyIds.Start, StringComparison.Ordinal) || key.Name.StartsWith("jwt:", StringComparison.Ordinal)) errors.Add($"{at}:Name: '{key.Name}' is taken by the gateway itself");
            else if (key.Name.Length > KeyRules.MaxNameLength) errors.Add($"{at}:Name has more than {KeyRules.MaxNameLength} characters");
            else if (!names.Add(key.Name)) errors.Add($"{at}:Name: '{key.Name}' is the name of another key");
            if (key.Key is null) errors.Add($"{at}:Key is missing");
            else if (key.Key.Length < LeastCharacters || !key.Key.All(static c => c is > ' ' and <= '~')) errors.Add($"{at}:Key must have at least {LeastCharacters} characters, all of which a header can carry");
            else if (!secrets.Add(key.Key)) errors.Add($"{at}:Key is another key's, or the admin key");
            if (key.Scopes.Count == 0) errors.Add($"{at}:Scopes names none; known are {string.Join(", ", ScopeNames.All)}");
            foreach (var scope in key.Scopes)
                if (!ScopeNames.TryParse(scope, out _)) errors.Add($"{at}:Scopes is '{scope}'; known are {string.Join(", ", ScopeNames.All)}");
            if (key.Models.Count == 0) errors.Add($"{at}:Models names none; '*' is all");
            Limits(at, key, errors);
        }

        foreach (var (team, limits) in options.Teams) Limits($"Gateway:Teams:{team}", limits, errors);
    }

    private static void Limits(string at, CallerLimits limits, List<string> errors)
    {
        foreach (var (name, value) in KeyRules.Numbers(limits))
        {
            if (value < 0) errors.Add($"{at}:{name} must not be negative");
            if (value > KeyRules.Most(name)) errors.Add($"{at}:{name} must be at most {KeyRules.Most(name)}");
        }

        if (limits.QueueTimeout < TimeSpan.Zero || limits.QueueTimeout > KeyRules.LongestQueueTimeout) errors.Add($"{at}:QueueTimeout must be from zero to {KeyRules.LongestQueueTimeout}");
    }
}
