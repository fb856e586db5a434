using Gateway.Routing;

namespace Gateway.Models;

/// <summary>All published models; an immutable snapshot.</summary>
public sealed class ModelCatalogue
{
    private readonly NameTable<PublishedModel> names;

    /// <param name="models">Names are unique.</param>
    public ModelCatalogue(IEnumerable<PublishedModel> models)
    {
        var all = models.OrderBy(model => model.Name, StringComparer.Ordinal).ToList();
        Models = [.. all.Where(model => !model.IsPattern)];
        names = new(all.Select(static model => (model.Name, model)).Concat(all.SelectMany(static model => model.Options.Aliases.Select(alias => (alias, model)))));
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
    public PublishedModel? Find(string name) => names.Find(name);
}
