using Gateway.Worker.Hosting;

try
{
    switch (args)
    {
        case ["serve", .. var options]:
            return await ServeCommand.RunAsync(ServeOptions.Parse(options));
        case ["inspect", "--text", _, ..]:
            return InspectCommand.Print(args.AsSpan(2), Console.Out);
        case ["inspect", _, ..]:
            return InspectCommand.Run(args.AsSpan(1));
        default:
            throw new FormatException("usage: Gateway.Worker serve --name NAME --path DIR [options] | Gateway.Worker inspect [--text] PATH…");
    }
}
catch (FormatException wrong)
{
    Console.Error.WriteLine($"error: {wrong.Message}");
    return 2;
}
