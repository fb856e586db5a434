namespace Gateway.Worker.Chat;

/// <summary>What a piece adds to a call.</summary>
/// <param name="Index">Of the call in the answer.</param>
/// <param name="Opens">Whether it is the call's first.</param>
/// <param name="Text">More of its arguments or input.</param>
internal sealed record CallPart(int Index, bool Opens, string Text);
