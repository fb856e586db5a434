using System.Globalization;
using Gateway.Storage;

namespace Gateway.Tests.Storage;

public sealed class DedicatedThreadTests
{
    [Fact]
    public async Task Work_is_done_one_after_another_on_one_thread_that_is_none_of_the_pool()
    {
        using var own = new DedicatedThread("test");
        var seen = new List<(int Work, int Thread, bool Pool)>();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(work => own.RunAsync(() => seen.Add((work, Environment.CurrentManagedThreadId, Thread.CurrentThread.IsThreadPoolThread)))));

        seen.Select(static of => of.Work).ShouldBe(Enumerable.Range(0, 100));
        seen.Select(static of => of.Thread).Distinct().Count().ShouldBe(1);
        seen.ShouldAllBe(static of => !of.Pool);
    }

    [Fact]
    public async Task Calls_that_want_the_core_go_before_it()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Other systems tell a thread's priority in other ways.");
        using var own = new DedicatedThread("test");
        var (thread, process) = ("", "");
        await own.RunAsync(() => (thread, process) = (File.ReadAllText("/proc/thread-self/stat"), File.ReadAllText("/proc/self/stat")));

        // The 19th field; the second is a name in brackets, which may hold spaces.
        static int Niceness(string stat) => int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[16], CultureInfo.InvariantCulture);
        Niceness(thread).ShouldBe(Niceness(process) + 5);
    }

    [Fact]
    public async Task What_goes_wrong_is_the_callers_and_the_next_work_is_done()
    {
        using var own = new DedicatedThread("test");
        var wrong = own.RunAsync(static () => throw new InvalidDataException("no"));
        var next = own.RunAsync(static () => { });

        (await Should.ThrowAsync<InvalidDataException>(() => wrong)).Message.ShouldBe("no");
        await next;
    }

    [Fact]
    public async Task After_its_end_what_is_in_line_is_done_and_nothing_is_taken()
    {
        using var own = new DedicatedThread("test");
        using var goOn = new ManualResetEventSlim();
        var first = own.RunAsync(() => goOn.Wait(TestContext.Current.CancellationToken));
        var second = own.RunAsync(static () => { });
        own.Dispose();

        Should.Throw<ObjectDisposedException>(() => { _ = own.RunAsync(static () => { }); });
        goOn.Set();
        await first;
        await second;
    }
}
