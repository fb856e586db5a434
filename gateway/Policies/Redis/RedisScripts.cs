using StackExchange.Redis;

namespace Gateway.Policies.Redis;

/// <summary>The six scripts. Where Redis lacks one it is given all, so that what is sent in order runs in order.</summary>
internal sealed class RedisScripts
{
    private readonly RedisScript[] all;

    /// <param name="clock">What they take for the time: tests have clocks of their own.</param>
    public RedisScripts(string? clock)
    {
        all = [Decide = Named("decide", clock), Settle = Named("settle", clock), Place = Named("place", clock), Seed = Named("seed", clock), Renew = Named("renew", clock), Keep = Named("keep", clock)];
    }

    public RedisScript Decide { get; }

    public RedisScript Settle { get; }

    public RedisScript Place { get; }

    public RedisScript Seed { get; }

    public RedisScript Renew { get; }

    public RedisScript Keep { get; }

    /// <exception cref="RedisException">There is no connection.</exception>
    public Task LoadAsync(IDatabase redis) => Task.WhenAll(all.Select(script => script.LoadAsync(redis)));

    private RedisScript Named(string name, string? clock)
    {
        const string Clock = "redis.call('TIME')";
        using var stream = typeof(RedisScripts).Assembly.GetManifestResourceStream(name + ".lua") ?? throw new InvalidOperationException($"There is no script {name}.");
        using var reader = new StreamReader(stream);
        return new RedisScript(reader.ReadToEnd().Replace(Clock, clock ?? Clock, StringComparison.Ordinal), LoadAsync);
    }
}
