using Gateway.Engine.Backend;

namespace Gateway.Worker.Generation;

/// <summary>Finish reasons as the wire spells them; clients throw at any other word.</summary>
internal static class FinishNames
{
    public static string? Of(FinishReason? finish) => finish switch { null => null, FinishReason.Length => "length", _ => "stop" };
}
