using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace Gateway.Policies.Redis;

/// <summary>A script that is sent by its hash, and whole where Redis does not have it.</summary>
/// <param name="text">What it does.</param>
/// <param name="loadAll">Gives Redis this one and those that it is used with.</param>
internal sealed class RedisScript(string text, Func<IDatabase, Task> loadAll)
{
    // SHA-1 is how Redis names scripts; nothing is kept secret by it.
#pragma warning disable CA5350
    private readonly byte[] hash = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350

    public async Task<RedisResult> RunAsync(IDatabase redis, RedisKey[] keys, RedisValue[] arguments)
    {
        try
        {
            return await redis.ScriptEvaluateAsync(hash, keys, arguments);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            await loadAll(redis);
            return await redis.ScriptEvaluateAsync(text, keys, arguments);
        }
    }

    public Task LoadAsync(IDatabase redis) => redis.ExecuteAsync("SCRIPT", "LOAD", text);
}
