using Gateway.Benchmarks;
using Gateway.TestKit;

// dotnet run -c Release --project tests/Benchmarks [-- scheduler | routing | keys | limits | usage [POSTGRES] | loading | graph MODEL | tokenizer MODEL | embed MODEL | constraints MODEL | cuda MODEL | MODEL…]; models are named by path, the embedded one needs none.
switch (args)
{
    case ["scheduler"]:
        SchedulerSpeed.Run(Console.Out);
        break;
    case ["routing"]:
        RoutingSpeed.Run(Console.Out);
        break;
    case ["keys"]:
        await KeySpeed.RunAsync(Console.Out);
        break;
    case ["limits"]:
        await LimitSpeed.RunAsync(Console.Out);
        break;
    case ["usage"]:
        await UsageSpeed.RunAsync(null, Console.Out);
        break;
    case ["usage", var postgres]:
        await UsageSpeed.RunAsync(postgres, Console.Out);
        break;
    case ["loading"]:
        LoadSpeed.Run(Console.Out);
        break;
    case ["graph", var written]:
        GraphSpeed.Run(written, Console.Out);
        break;
    case ["tokenizer", var spelled]:
        TokenizerSpeed.Run(spelled, Console.Out);
        break;
    case ["embed", var encoder]:
        await EmbedSpeed.RunAsync(encoder, Console.Out);
        break;
    case ["constraints", var bound]:
        await ConstraintSpeed.RunAsync(bound, Console.Out);
        break;
    case ["cuda", var large]:
        await CudaSpeed.RunAsync(large, Console.Out);
        break;
    default:
        foreach (var model in args.Length > 0 ? args : [Shared.TinyChat])
            foreach (var threads in (int[])[1, Environment.ProcessorCount])
                foreach (var (engine, weights) in new[] { ("torch", "f32"), ("torch", "bf16"), ("onnx", "f32"), ("onnx", "q8"), ("onnx", "q4") })
                    DecodeSpeed.Run(model, engine, threads, weights, Console.Out);
        if (args.Length == 0) SchedulerSpeed.Run(Console.Out);
        break;
}
