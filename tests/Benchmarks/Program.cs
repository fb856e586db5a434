using Gateway.Benchmarks;
using Gateway.TestKit;

// dotnet run -c Release --project tests/Benchmarks [-- scheduler | embed MODEL | MODEL…]; models are named by path, the embedded one needs none.
if (args is ["scheduler"])
{
    SchedulerSpeed.Run(Console.Out);
    return;
}

if (args is ["embed", var encoder])
{
    await EmbedSpeed.RunAsync(encoder, Console.Out);
    return;
}

foreach (var model in args.Length > 0 ? args : [Shared.TinyChat])
    foreach (var threads in (int[])[1, Environment.ProcessorCount])
        DecodeSpeed.Run(model, threads, Console.Out);
if (args.Length == 0) SchedulerSpeed.Run(Console.Out);
