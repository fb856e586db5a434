using System.Threading.Channels;
using Gateway.Configuration;
using Gateway.LocalWorkers;
using Gateway.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests;

public class LocalWorkerTests
{
    private static readonly LocalModel Model = new("m", "/m", new ModelOptions { KeepAlive = TimeSpan.FromMinutes(5) }, 0);
    private readonly FakeTimeProvider time = new();
    private readonly Channel<FakeWorker> started = Channel.CreateUnbounded<FakeWorker>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private LocalWorker Worker(bool ready = true) => new(Model, _ =>
    {
        var worker = new FakeWorker();
        if (ready) worker.BecomeReady();
        started.Writer.TryWrite(worker);
        return worker;
    }, time, NullLogger.Instance);

    [Fact]
    public async Task Calls_that_come_together_share_one_start()
    {
        await using var worker = Worker(ready: false);
        var calls = Enumerable.Range(0, 5).Select(_ => worker.AcquireAsync(Cancellation)).ToList();
        (await started.Reader.ReadAsync(Cancellation)).BecomeReady();

        foreach (var lease in await Task.WhenAll(calls)) lease.Dispose();

        started.Reader.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task An_idle_worker_is_ended_after_its_keep_alive_and_comes_back_with_the_next_call()
    {
        await using var worker = Worker();
        (await worker.AcquireAsync(Cancellation)).Dispose();
        var first = await started.Reader.ReadAsync(Cancellation);

        time.Advance(TimeSpan.FromMinutes(4));
        first.Disposed.ShouldBeFalse();
        time.Advance(TimeSpan.FromMinutes(2));
        (first.Disposed, worker.Loaded).ShouldBe((true, false));

        (await worker.AcquireAsync(Cancellation)).Dispose();
        (await started.Reader.ReadAsync(Cancellation)).ShouldNotBe(first);
    }

    [Fact]
    public async Task Asking_how_busy_it_is_neither_starts_a_worker_nor_keeps_it()
    {
        FakeWorker? process = null;
        await using var worker = new LocalWorker(Model, _ => process = new FakeWorker((request, _) =>
        {
            request.RequestUri!.AbsolutePath.ShouldBe("/internal/load");
            return Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.OK) { Content = new StringContent("""{"running":2,"waiting":3,"cache_usage":0.5,"steps":9}""") });
        }).BecomeReady(), time, NullLogger.Instance);

        (await worker.LoadAsync(Cancellation)).ShouldBeNull();
        process.ShouldBeNull();
        (await worker.AcquireAsync(Cancellation)).Dispose();
        time.Advance(TimeSpan.FromMinutes(4));
        (await worker.LoadAsync(Cancellation)).ShouldBe(new WorkerLoad(2, 3, 0.5, 9));
        time.Advance(TimeSpan.FromMinutes(2));
        process!.Disposed.ShouldBeTrue();
    }

    [Fact]
    public async Task A_worker_that_cannot_say_how_busy_it_is_is_no_failure()
    {
        await using var worker = new LocalWorker(Model, _ => new FakeWorker((_, _) => throw new HttpRequestException("gone")).BecomeReady(), time, NullLogger.Instance);
        (await worker.AcquireAsync(Cancellation)).Dispose();

        (await worker.LoadAsync(Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task A_worker_in_use_is_not_ended_however_long_the_call_takes()
    {
        await using var worker = Worker();
        using var lease = await worker.AcquireAsync(Cancellation);
        var process = await started.Reader.ReadAsync(Cancellation);

        time.Advance(TimeSpan.FromHours(3));

        process.Disposed.ShouldBeFalse();
    }

    [Fact]
    public async Task A_worker_that_dies_is_started_again_after_a_pause()
    {
        await using var worker = Worker();
        (await worker.AcquireAsync(Cancellation)).Dispose();
        (await started.Reader.ReadAsync(Cancellation)).Die("killed");

        while (!started.Reader.TryRead(out _))
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        using var lease = await worker.AcquireAsync(Cancellation);
        worker.Loaded.ShouldBeTrue();
    }

    [Fact]
    public async Task A_model_that_cannot_be_loaded_tells_its_callers_why_and_the_next_call_tries_again()
    {
        await using var worker = Worker(ready: false);
        var call = worker.AcquireAsync(Cancellation);
        (await started.Reader.ReadAsync(Cancellation)).Die("model.safetensors: the file is cut");

        (await Should.ThrowAsync<WorkerFailedException>(() => call)).Message.ShouldContain("the file is cut");

        var second = worker.AcquireAsync(Cancellation);
        (await started.Reader.ReadAsync(Cancellation)).BecomeReady();
        (await second).Dispose();
    }

    [Fact]
    public async Task Stopping_ends_the_worker_and_refuses_new_calls()
    {
        var worker = Worker();
        (await worker.AcquireAsync(Cancellation)).Dispose();
        var process = await started.Reader.ReadAsync(Cancellation);

        await worker.DisposeAsync();

        process.Disposed.ShouldBeTrue();
        await Should.ThrowAsync<WorkerFailedException>(() => worker.AcquireAsync(Cancellation));
    }
}
