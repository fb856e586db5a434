using Gateway.Engine.Backend;

namespace Gateway.Worker.Models;

/// <summary>What this process serves, whatever it is asked for.</summary>
internal interface IServedModel : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Unix seconds; what <c>/v1/models</c> reports.</summary>
    long Created { get; }

    BackendLoad Load { get; }
}
