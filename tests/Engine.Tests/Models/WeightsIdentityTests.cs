using Gateway.Engine.Models;

namespace Gateway.Engine.Tests.Models;

public class WeightsIdentityTests
{
    [Fact]
    public void Trained_weights_and_another_configuration_have_another_name_and_a_copy_has_the_same()
    {
        using var a = new TemporaryFolder();
        using var b = new TemporaryFolder();
        var bytes = new byte[1 << 20];
        new Random(3).NextBytes(bytes);
        foreach (var folder in (string[])[a.Path, b.Path])
        {
            File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), bytes);
            File.WriteAllText(Path.Combine(folder, "config.json"), "{}");
        }

        var before = WeightsIdentity.Of(a.Path);
        WeightsIdentity.Of(b.Path).ShouldBe(before);

        File.WriteAllText(Path.Combine(b.Path, "README.md"), "not a weight");
        WeightsIdentity.Of(b.Path).ShouldBe(before);
        File.WriteAllText(Path.Combine(b.Path, "config.json"), "{ }");
        WeightsIdentity.Of(b.Path).ShouldNotBe(before);

        for (var i = 0; i < bytes.Length; i += 500) bytes[i]++;
        File.WriteAllBytes(Path.Combine(a.Path, "model.safetensors"), bytes);
        WeightsIdentity.Of(a.Path).ShouldNotBe(before);
    }
}
