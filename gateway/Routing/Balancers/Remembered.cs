namespace Gateway.Routing.Balancers;

/// <summary>
/// The two best targets of the last look. A sample that begins with them finds what one at random would miss: the few fast ones among many
/// slow ones (Mitzenmacher, Prabhakar and Shah, 2002: load balancing with memory).
/// </summary>
internal sealed class Remembered
{
    private Target? first;
    private Target? second;

    public Target? First => Volatile.Read(ref first);

    public Target? Second => Volatile.Read(ref second);

    // Written only when it changes: threads that choose at once do not take the line from each other for nothing.
    public void Keep(Target best, Target? next)
    {
        if (first != best) Volatile.Write(ref first, best);
        if (second != next) Volatile.Write(ref second, next);
    }
}
