using System.Text.RegularExpressions;

namespace Gateway.Models;

/// <summary>All published models; an immutable snapshot.</summary>
public sealed class ModelCatalogue
{
    private readonly Dictionary<string, PublishedModel> byName;
    private readonly List<(int Length, Regex Pattern, PublishedModel Model)> patterns = [];

    /// <param name="models">Names are unique.</param>
    public ModelCatalogue(IEnumerable<PublishedModel> models)
    {
        Models = [.. models.OrderBy(model => model.Name, StringComparer.Ordinal)];
        byName = Models.ToDictionary(model => model.Name, StringComparer.Ordinal);
        foreach (var model in Models)
        {
            foreach (var alias in model.Options.Aliases)
            {
                if (!alias.Contains('*')) byName.TryAdd(alias, model);
                else patterns.Add((alias.Length, new Regex("^" + Regex.Escape(alias).Replace("\\*", ".+", StringComparison.Ordinal) + "$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking), model));
            }
        }

        patterns.Sort((a, b) => b.Length.CompareTo(a.Length));
    }

    /// <summary>By name.</summary>
    public IReadOnlyList<PublishedModel> Models { get; }

    /// <summary>An exact name or alias wins, then the longest pattern.</summary>
    public PublishedModel? Find(string name) =>
        byName.TryGetValue(name, out var exact) ? exact : patterns.FirstOrDefault(pattern => pattern.Pattern.IsMatch(name)).Model;
}
