using Gateway.Benchmarks;
using Gateway.TestKit;

// Models are named as arguments; the embedded one needs none.
foreach (var model in args.Length > 0 ? args : [Shared.TinyChat])
    foreach (var threads in (int[])[1, Environment.ProcessorCount])
        DecodeSpeed.Run(model, threads, Console.Out);
