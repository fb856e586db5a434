using Gateway.Routing;

namespace Gateway.Models;

/// <summary>All published models; an immutable snapshot.</summary>
public sealed class ModelCatalogue
{
    private readonly Dictionary<string, PublishedModel> byName = new(StringComparer.Ordinal);
    private readonly List<(NamePattern Pattern, PublishedModel Model)> patterns = [];

    /// <param name="models">Names are unique.</param>
    public ModelCatalogue(IEnumerable<PublishedModel> models)
    {
        var all = models.OrderBy(model => model.Name, StringComparer.Ordinal).ToList();
        Models = [.. all.Where(model => !model.IsPattern)];
        foreach (var model in Models) byName.Add(model.Name, model);
        foreach (var model in all)
        {
            if (model.IsPattern) patterns.Add((new NamePattern(model.Name), model));
            foreach (var alias in model.Options.Aliases)
            {
                if (!alias.Contains('*')) byName.TryAdd(alias, model);
                else patterns.Add((new NamePattern(alias), model));
            }
        }

        patterns.Sort(static (a, b) => b.Pattern.Text.Length.CompareTo(a.Pattern.Text.Length));
        All = all;
        Secrets = new Secrets(all.SelectMany(static model => model.Targets).Select(static target => target.Upstream).Distinct().SelectMany(static upstream => upstream.Secrets.All).Where(static secret => !secret.IsWord));
    }

    /// <summary>Keys and addresses of all upstreams: one may know another's.</summary>
    public Secrets Secrets { get; }

    /// <summary>Those that have a name of their own, by it.</summary>
    public IReadOnlyList<PublishedModel> Models { get; }

    /// <summary>Patterns among them.</summary>
    public IReadOnlyList<PublishedModel> All { get; }

    /// <summary>An exact name or alias wins, then the longest pattern.</summary>
    public PublishedModel? Find(string name)
    {
        if (byName.TryGetValue(name, out var exact)) return exact;
        if (name is "." or "..") return null; // in a path these are no names
        foreach (var (pattern, model) in patterns)
            if (pattern.Matches(name)) return model;
        return null;
    }
}
