using System.Text.Json;
using Gateway.Configuration;
using Gateway.LocalWorkers;
using Gateway.Models;
using Gateway.Pulling;
using Gateway.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Configuration;

/// <summary>What a reload means for workers that run.</summary>
public sealed class LocalReloadTests : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<FakeWorker> started = [];
    private readonly LocalWorkerPool pool;
    private readonly string[] args;
    private readonly LiveSettings live;
    private readonly SettingsReload reload;

    public LocalReloadTests()
    {
        args = ["--config", Path.Combine(folder.Path, "gateway.json")];
        Write(new { tiny = new { Path = Shared.TinyChat } });
        var configuration = new ConfigurationBuilder();
        GatewayConfiguration.AddSources(configuration, args);
        var options = GatewayConfiguration.Read(configuration.Build());
        var time = TimeProvider.System;
        pool = new LocalWorkerPool(time, NullLogger<LocalWorkerPool>.Instance, new HubModels(options, time, NullLogger<HubModels>.Instance))
        {
            StartWith = _ =>
            {
                started.Add(new FakeWorker().BecomeReady());
                return started[^1];
            },
        };
        var builder = new CatalogueBuilder(pool, new UpstreamConnections(new NameResolver()), time);
        live = new LiveSettings(new GatewaySnapshot(options, builder.Build(options, ModelDiscovery.Find(options))));
        reload = new SettingsReload(args, live, builder, pool, new RetryBudget(time), time, NullLogger<SettingsReload>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        reload.Dispose();
        await pool.DisposeAsync();
        folder.Dispose();
    }

    private void Write(object models) => File.WriteAllText(Path.Combine(folder.Path, "gateway.json"), JsonSerializer.Serialize(new { Gateway = new { EmbeddedModel = false, ModelsFolder = Path.Combine(folder.Path, "models"), Models = models } }));

    private async Task<UpstreamLease> OpenAsync(string model) => await live.Current.Catalogue.Find(model)!.Targets[0].Upstream.OpenAsync(TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_worker_is_kept_when_nothing_that_it_was_started_with_changed()
    {
        (await OpenAsync("tiny")).Dispose();

        Write(new { tiny = new { Path = Shared.TinyChat, Aliases = new[] { "small" }, Retries = 5, Defaults = new { temperature = 0.5 } } });
        (await reload.ReloadAsync(TestContext.Current.CancellationToken)).ShouldBeTrue();
        (await OpenAsync("small")).Dispose();

        started.ShouldHaveSingleItem().Disposed.ShouldBeFalse();
        live.Current.Catalogue.Find("tiny")!.Options.Retries.ShouldBe(5);
    }

    [Fact]
    public async Task A_local_model_under_two_names_has_one_worker_through_any_number_of_reloads()
    {
        Write(new { tiny = new { Path = Shared.TinyChat }, other = new { Targets = new[] { new { Local = "tiny" } } }, both = new { Targets = new[] { new { Local = "tiny" } } } });
        for (var round = 0; round < 3; round++) (await reload.ReloadAsync(TestContext.Current.CancellationToken)).ShouldBeTrue();

        foreach (var name in (string[])["tiny", "other", "both"]) (await OpenAsync(name)).Dispose();

        started.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_worker_of_a_model_that_is_removed_ends_when_its_last_call_is_over()
    {
        var lease = await OpenAsync("tiny");

        Write(new { });
        (await reload.ReloadAsync(TestContext.Current.CancellationToken)).ShouldBeTrue();
        live.Current.Catalogue.Find("tiny").ShouldBeNull();
        started[0].Disposed.ShouldBeFalse();

        lease.Dispose();
        await Doors.Eventually.TrueAsync(() => started[0].Disposed);
    }
}
