namespace Gateway.Engine.Constraints.Texts;

/// <summary>Texts of a length, in code points.</summary>
/// <param name="least">Inclusive.</param>
/// <param name="most">Inclusive; <see cref="int.MaxValue"/> for no bound.</param>
internal sealed class LengthMachine(int least, int most) : ITextMachine
{
    public int Start => 0;

    public int Next(int state, int codePoint) => most == int.MaxValue ? Math.Min(state + 1, least) : state < most ? state + 1 : ITextMachine.Dead;

    public bool Accepts(int state) => state >= least;

    public void AddCuts(int state, List<int> cuts)
    {
    }
}
