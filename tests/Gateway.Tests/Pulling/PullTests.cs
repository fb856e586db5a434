using Gateway.Pulling;

namespace Gateway.Tests.Pulling;

public class PullTests
{
    [Fact]
    public async Task The_needed_files_come_whole_and_the_others_do_not()
    {
        await using var bench = await PullBench.StartAsync();
        foreach (var name in (string[])["README.md", "pytorch_model.bin", "onnx/model.onnx", "model.fp16.safetensors", "consolidated.safetensors", ".gitattributes", "image.png"]) bench.Hub.Files[name] = [1];
        foreach (var name in (string[])["generation_config.json", "tokenizer.json", "chat_template.jinja"]) bench.Hub.Files[name] = [2, 3];

        var folder = await bench.PullAsync();

        bench.Published().Order().ShouldBe(["chat_template.jinja", "config.json", "generation_config.json", "model.safetensors", "tokenizer.json"]);
        foreach (var name in bench.Published()) File.ReadAllBytes(Path.Combine(folder, name)).ShouldBe(bench.Hub.Files[name]);
        bench.LeftOvers().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_large_file_comes_in_parts_over_several_connections_and_no_byte_twice()
    {
        await using var bench = await PullBench.StartAsync(options => options with { PartBytes = 100_000, Connections = 3 });

        await bench.PullAsync();

        bench.Downloads().Where(request => request.Path == "model.safetensors").Select(request => request.Range).Distinct().Count().ShouldBe(11);
        bench.Downloads().Count(request => request.Path == "model.safetensors").ShouldBe(11);
    }

    [Fact]
    public async Task A_connection_that_is_cut_goes_on_where_it_was()
    {
        await using var bench = await PullBench.StartAsync();
        var cuts = 0;
        bench.Hub.Send = async (request, http, body) =>
        {
            if (request.Path != "model.safetensors" || cuts++ >= 3)
            {
                await http.Response.Body.WriteAsync(body);
                return;
            }

            await http.Response.Body.WriteAsync(body[..200_000]);
            await http.Response.Body.FlushAsync();
            http.Abort();
        };

        await bench.PullAsync();

        bench.Published().ShouldContain("model.safetensors");
        // A cut may lose what the connection had not delivered yet, and nothing else.
        bench.Downloads().Count(request => request.Path == "model.safetensors").ShouldBe(4);
        bench.Downloads().Last(request => request.Path == "model.safetensors").Range.ShouldStartWith("bytes=");
    }

    [Fact]
    public async Task A_wrong_checksum_publishes_nothing_and_says_which_file()
    {
        await using var bench = await PullBench.StartAsync();
        bench.Hub.Send = async (_, http, body) =>
        {
            var bytes = body.ToArray();
            bytes[^1] ^= 1;
            await http.Response.Body.WriteAsync(bytes);
        };

        (await Should.ThrowAsync<PullException>(() => bench.PullAsync())).Message.ShouldContain("wrong checksum");

        bench.Published().ShouldBeEmpty();
    }
}
