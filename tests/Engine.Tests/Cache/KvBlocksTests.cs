using Gateway.Engine.Cache;

namespace Gateway.Engine.Tests.Cache;

public class KvBlocksTests
{
    private static readonly BlockHash Name = BlockHash.Of(default, [1, 2, 3, 4]);

    [Fact]
    public void A_block_that_everybody_gave_up_is_found_by_its_name_until_it_is_taken()
    {
        var blocks = new KvBlocks(2, 4);
        blocks.TryTake(out var block).ShouldBeTrue();
        blocks.Publish(block, Name);
        blocks.Release(block);

        blocks.Free.ShouldBe(2);
        blocks.TryShare(Name, out var found).ShouldBeTrue();
        found.ShouldBe(block);
        blocks.Free.ShouldBe(1);
        blocks.Release(found);

        // The unnamed block goes first, then the named one, and with it the name.
        blocks.TryTake(out var first).ShouldBeTrue();
        first.ShouldNotBe(block);
        blocks.TryTake(out var second).ShouldBeTrue();
        second.ShouldBe(block);
        blocks.Holds(Name).ShouldBeFalse();
        blocks.TryTake(out _).ShouldBeFalse();
    }

    [Fact]
    public void A_shared_block_is_free_only_when_its_last_owner_gives_it_up()
    {
        var blocks = new KvBlocks(1, 4);
        blocks.TryTake(out var block);
        blocks.Publish(block, Name);
        blocks.TryShare(Name, out _).ShouldBeTrue();

        blocks.Release(block);
        blocks.Free.ShouldBe(0);
        blocks.Release(block);
        blocks.Free.ShouldBe(1);
        Should.Throw<InvalidOperationException>(() => blocks.Release(block));
    }

    [Fact]
    public void The_longest_unused_block_goes_first()
    {
        var blocks = new KvBlocks(3, 1);
        var names = Enumerable.Range(0, 3).Select(i => BlockHash.Of(default, [i])).ToList();
        foreach (var name in names)
        {
            blocks.TryTake(out var block);
            blocks.Publish(block, name);
        }

        foreach (var block in (int[])[1, 0, 2]) blocks.Release(block);

        blocks.TryTake(out var taken);
        taken.ShouldBe(1);
        blocks.Holds(names[1]).ShouldBeFalse();
        blocks.Holds(names[0]).ShouldBeTrue();
    }

    [Fact]
    public void A_name_says_all_tokens_before_it()
    {
        var parent = BlockHash.Of(default, [1, 2]);

        BlockHash.Of(parent, [3, 4]).ShouldNotBe(BlockHash.Of(default, [3, 4]));
        BlockHash.Of(parent, [3, 4]).ShouldBe(BlockHash.Of(BlockHash.Of(default, [1, 2]), [3, 4]));
    }
}
