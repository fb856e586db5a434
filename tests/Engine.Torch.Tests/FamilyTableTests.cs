using Gateway.TestKit.Families;

namespace Gateway.Engine.Torch.Tests;

/// <summary>What the documentation says of this engine.</summary>
public sealed class FamilyTableTests
{
    [Fact]
    public void The_table_of_families_and_formats_is_what_the_engine_does() =>
        FamilyTable.Verify("torch", (folder, weights) => TorchRunner.Load(folder, new TorchOptions { BlockCount = 16, Weights = weights }));
}
