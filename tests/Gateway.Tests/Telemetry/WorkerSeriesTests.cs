using Gateway.Telemetry;

namespace Gateway.Tests.Telemetry;

public class WorkerSeriesTests
{
    private const string First = "# HELP a What it is.\n# TYPE a gauge\na{model_name=\"x\"} 1\n# HELP h_total A histogram.\n# TYPE h_total histogram\nh_total_bucket{model_name=\"x\",le=\"+Inf\"} 2\nh_total_sum{model_name=\"x\"} 3\n";
    private const string Second = "# HELP a What it is.\n# TYPE a gauge\na{model_name=\"y\"} 4\n# HELP b Only here.\n# TYPE b counter\nb{model_name=\"y\"} 5\n# HELP h_total A histogram.\n# TYPE h_total histogram\nh_total_bucket{model_name=\"y\",le=\"+Inf\"} 6\n";

    [Fact]
    public void Series_of_a_name_stand_together_below_one_description() => WorkerSeries.Together([First, Second]).ShouldBe(
        """
        # HELP a What it is.
        # TYPE a gauge
        a{model_name="x"} 1
        a{model_name="y"} 4
        # HELP h_total A histogram.
        # TYPE h_total histogram
        h_total_bucket{model_name="x",le="+Inf"} 2
        h_total_sum{model_name="x"} 3
        h_total_bucket{model_name="y",le="+Inf"} 6
        # HELP b Only here.
        # TYPE b counter
        b{model_name="y"} 5

        """.ReplaceLineEndings("\n"));

    [Fact]
    public void One_worker_is_passed_on_as_it_is() => WorkerSeries.Together([Second]).ShouldBe(Second);
}
