using Gateway.Worker.Errors;

namespace Gateway.Worker.Models;

/// <summary>The one model of this process: empty while it loads, then set once.</summary>
internal sealed class ModelSlot
{
    private volatile LoadedModel? model;

    public LoadedModel? Loaded => model;

    public LoadedModel Required => model ?? throw Problems.Loading();

    public void Set(LoadedModel loaded) => model = loaded;
}
