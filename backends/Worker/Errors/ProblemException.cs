namespace Gateway.Worker.Errors;

/// <summary>Ends a call with a problem; thrown only before the response has started.</summary>
internal sealed class ProblemException(Problem problem) : Exception(problem.Message)
{
    public Problem Problem { get; } = problem;
}
