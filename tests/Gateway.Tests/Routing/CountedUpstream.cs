using Gateway.Routing;

namespace Gateway.Tests.Routing;

/// <summary>Says each time that it is looked at whether it is up. Nobody may ask it.</summary>
internal sealed class CountedUpstream(string name, Action look) : Upstream(name, null)
{
    public override bool IsUp
    {
        get
        {
            look();
            return true;
        }
    }

    public override ValueTask<UpstreamLease> OpenAsync(CancellationToken cancellation) => throw new NotSupportedException();

    public override Uri AddressOf(string path, string model) => throw new NotSupportedException();

    public override void Sign(HttpRequestMessage request) => throw new NotSupportedException();
}
