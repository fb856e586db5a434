using Gateway.Policies.Redis;
using StackExchange.Redis;

namespace Gateway.ResponseCache;

/// <summary>In the Redis that several gateways have in common, which forgets them in time by itself. Without it nothing is found, and nothing fails.</summary>
internal sealed class RedisAnswers(RedisLink link) : IAnswerStore
{
    private const string Prefix = "gateway:answers:";

    public async ValueTask<KeptAnswer?> FindAsync(string key, CancellationToken cancellation)
    {
        if (link.Usable() is not { } redis) return null;
        try
        {
            byte[]? found = await link.AnswerAsync(redis.StringGetAsync(Prefix + key)).WaitAsync(cancellation);
            return found is null ? null : KeptAnswer.FromBytes(found);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return null;
        }
    }

    public void Keep(string key, KeptAnswer answer, TimeSpan lasting) => link.Open?.StringSet(Prefix + key, answer.ToBytes(), lasting, flags: CommandFlags.FireAndForget);
}
