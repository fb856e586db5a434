using System.Runtime.CompilerServices;

namespace Gateway.Storage;

/// <summary>
/// A context that is being opened. Who waits for it goes on at a thread of the pool, also where it is open already: the driver of SQLite blocks,
/// whatever its methods are called, and on one processor the thread that serves sockets has other calls to serve.
/// </summary>
internal readonly struct Opening(Task<GatewayDb> opened)
{
    /// <summary>For <c>await</c>.</summary>
    public Awaiter GetAwaiter() => new(opened);

    /// <summary>What the compiler asks.</summary>
    public readonly struct Awaiter(Task<GatewayDb> opened) : ICriticalNotifyCompletion
    {
        /// <summary>Whether to go on here.</summary>
        public bool IsCompleted => opened.IsCompleted && Thread.CurrentThread.IsThreadPoolThread;

        /// <summary>The context.</summary>
        public GatewayDb GetResult() => opened.GetAwaiter().GetResult();

        /// <inheritdoc/>
        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        /// <inheritdoc/>
        public void UnsafeOnCompleted(Action continuation)
        {
            if (opened.IsCompleted) ThreadPool.UnsafeQueueUserWorkItem(static next => next(), continuation, preferLocal: false);
            else opened.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(continuation);
        }
    }
}
