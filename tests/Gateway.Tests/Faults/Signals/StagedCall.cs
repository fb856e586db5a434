using System.Net.Sockets;
using Gateway.TestKit.Sockets;

namespace Gateway.Tests.Faults.Signals;

/// <summary>A call that was brought to its stage, with an upstream of its own.</summary>
internal sealed class StagedCall : IAsyncDisposable
{
    private readonly Stage stage;
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource goesOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RawUpstream upstream;
    private RawConnection? client;
    private string seen = "";

    public StagedCall(Stage stage)
    {
        this.stage = stage;
        upstream = new RawUpstream(AnswerAsync);
        if (stage.HalfBody) left.SetResult(); // it is not asked before the body is whole
    }

    /// <summary>Of its upstream.</summary>
    public Uri Address => upstream.Address;

    /// <summary>Its upstream has seen the connection end.</summary>
    public Task Left => left.Task;

    /// <summary>Asks, and returns once the call is where it should be.</summary>
    public async Task ReachAsync(Uri gateway, string model)
    {
        client = await RawConnection.ConnectAsync(gateway);
        var body = Body(model);
        await client.SendAsync($"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n{(stage.HalfBody ? "Expect: 100-continue\r\n" : "")}\r\n{(stage.HalfBody ? "" : body)}");
        if (stage.HalfBody)
        {
            (await client.ReadUntilAsync("\r\n\r\n")).ShouldStartWith("HTTP/1.1 100 ");
            await client.SendAsync(body[..5]);
        }
        else
        {
            await reached.Task;
        }

        if (stage.Seen) seen = await client.ReadUntilAsync("\n\n\r\n");
    }

    /// <summary>Lets whoever holds the call up go on.</summary>
    public async Task GoOnAsync(string model)
    {
        if (stage.HalfBody) await client!.SendAsync(Body(model)[5..]);
        goesOn.SetResult();
    }

    /// <summary>All that the client sees, to the end of its connection.</summary>
    public async Task<string> SeenAsync() => Outline.OfText(seen + await client!.ReadToEndAsync());

    public async ValueTask DisposeAsync()
    {
        client?.Dispose();
        await upstream.DisposeAsync();
    }

    private string Body(string model) => $$"""{"model":"{{model}}","stream":{{(stage.Stream ? "true" : "false")}}}""";

    private async Task AnswerAsync(RawConnection connection)
    {
        try
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(stage.First);
            reached.TrySetResult();
            if (stage.Again) await connection.ReadRequestAsync();
            var gone = connection.LeftAsync();
            if (await Task.WhenAny(gone, goesOn.Task) == gone) left.TrySetResult();
            else await connection.SendAsync(stage.Then);
        }
        catch (Exception e) when (e is EndOfStreamException or SocketException)
        {
            left.TrySetResult();
        }
    }
}
