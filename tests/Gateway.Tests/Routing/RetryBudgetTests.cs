using Gateway.Routing;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Routing;

public class RetryBudgetTests
{
    private readonly FakeTimeProvider time = new();

    private static int Spend(RetryBudget budget)
    {
        var spent = 0;
        while (budget.TrySpend()) spent++;
        return spent;
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 10)]
    [InlineData(100, 10)]
    [InlineData(200, 20)]
    [InlineData(1_009, 100)]
    public void A_tenth_of_the_calls_and_ten_at_least(int calls, int expected)
    {
        var budget = new RetryBudget(time);
        for (var call = 0; call < calls; call++) budget.Called();

        Spend(budget).ShouldBe(expected);
    }

    [Fact]
    public void It_looks_back_ten_seconds()
    {
        var budget = new RetryBudget(time);
        for (var second = 0; second < 30; second++)
        {
            for (var call = 0; call < 50; call++) budget.Called();
            if (second < 29) time.Advance(TimeSpan.FromSeconds(1));
        }

        Spend(budget).ShouldBe(50); // of ten times fifty
        time.Advance(TimeSpan.FromSeconds(9));
        Spend(budget).ShouldBe(0); // the calls but for the last second's are forgotten, what was spent in it is not
        time.Advance(TimeSpan.FromSeconds(1));
        Spend(budget).ShouldBe(10);
        time.Advance(TimeSpan.FromDays(1));
        Spend(budget).ShouldBe(10);
    }

    [Fact]
    public void A_reload_changes_share_and_floor()
    {
        var budget = new RetryBudget(time) { Options = new() { Share = 0.5, Floor = 0 } };
        Spend(budget).ShouldBe(0);
        for (var call = 0; call < 10; call++) budget.Called();

        Spend(budget).ShouldBe(5);
        budget.Options = new() { Share = 1, Floor = 0 };
        Spend(budget).ShouldBe(5);
    }

    [Fact]
    public void Many_at_once_do_not_spend_more_than_there_is()
    {
        var budget = new RetryBudget(time);
        var spent = 0;

        Parallel.For(0, 2_000, _ =>
        {
            budget.Called();
            if (budget.TrySpend()) Interlocked.Increment(ref spent);
        });

        spent.ShouldBeInRange(10, 200);
    }
}
