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
        BruteForce(options.BruteForce, errors);
        if (options.Jwt is { } jwt) Jwt(jwt, errors);
    }

    private static void BruteForce(BruteForceOptions force, List<string> errors)
    {
        if (force.Window < TimeSpan.FromSeconds(1) || force.Window > TimeSpan.FromDays(1)) errors.Add("Gateway:BruteForce:Window must be from a second to a day");
        if (force.Delay < TimeSpan.Zero || force.Delay > TimeSpan.FromMinutes(1)) errors.Add("Gateway:BruteForce:Delay must be from zero to a minute");
        if (force.Free < 0) errors.Add("Gateway:BruteForce:Free must not be negative");
        if (force.Most < force.Free) errors.Add("Gateway:BruteForce:Most must be at least Free");
    }

    private static void Jwt(JwtOptions jwt, List<string> errors)
    {
        if (!Uri.TryCreate(jwt.Authority, UriKind.Absolute, out var authority) || !(authority.Scheme == "https" || (authority.Scheme == "http" && authority.IsLoopback)))
            errors.Add("Gateway:Jwt:Authority must be an https address"); // keys that came in clear text are nobody's
        if (jwt.Audience is null) errors.Add("Gateway:Jwt:Audience is missing: tokens for others would open this gateway");
        foreach (var scope in jwt.Scopes)
            if (!ScopeNames.TryParse(scope, out _)) errors.Add($"Gateway:Jwt:Scopes is '{scope}'; known are {string.Join(", ", ScopeNames.All)}");
        Limits("Gateway:Jwt", jwt, errors);
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
