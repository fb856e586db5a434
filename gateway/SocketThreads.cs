namespace Gateway;

/// <summary>
/// Who does what an event of a socket calls for. On one processor the thread that heard of it: to hand it to the thread pool is to wake a second
/// thread for what the first could have done, several times a call. On more the pool, whose threads share what takes long.
/// </summary>
internal static class SocketThreads
{
    /// <summary>The runtime's own switch, which it reads at the first use of a socket: 1 for the thread that heard.</summary>
    public const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Whether the thread that heard does it.</summary>
    public static bool Serve => Environment.GetEnvironmentVariable(Variable) == "1";

    /// <summary>Chooses, where the operator has not: before anything else.</summary>
    public static void Choose()
    {
        if (Environment.ProcessorCount == 1 && Environment.GetEnvironmentVariable(Variable) is null) Environment.SetEnvironmentVariable(Variable, "1");
    }
}
