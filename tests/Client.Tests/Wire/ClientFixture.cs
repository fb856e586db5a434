namespace Gateway.Client.Tests.Wire;

/// <summary>A real server on loopback and a client of it whose waits end at once.</summary>
public abstract class ClientFixture : IAsyncLifetime
{
    protected WaitRecorder Time { get; } = new();

    protected FakeUpstream Upstream { get; private set; } = null!;

    protected GatewayClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Upstream = await FakeUpstream.StartAsync();
        Client = new GatewayClient(new GatewayClientOptions(Upstream.Address) { ApiKey = "sk-test", Seed = 1, TimeProvider = Time });
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Upstream.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
