namespace Gateway.Engine.Encoders;

/// <summary>One text of a call, with its places in the lists that it waits in.</summary>
internal sealed class EncodingItem
{
    public EncodingItem(EncodingCall call, int index)
    {
        (Call, Index) = (call, index);
        (InCall, InLength) = (new(this), new(this));
    }

    public EncodingCall Call { get; }

    public int Index { get; }

    public EncoderInput Input => Call.Inputs[Index];

    public int Length => Input.Tokens.Length;

    public LinkedListNode<EncodingItem> InCall { get; }

    public LinkedListNode<EncodingItem> InLength { get; }
}
