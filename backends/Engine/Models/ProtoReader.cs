using System.Text;

namespace Gateway.Engine.Models;

/// <summary>Reads one message of the protocol buffers' wire format, field by field. Whatever runs past its end is an <see cref="InvalidDataException"/>.</summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> rest = message;
    private int wireType;

    /// <summary>Number of the field that the reader stands at.</summary>
    public int Field { get; private set; }

    /// <summary>Goes to the next field; its content must be taken or skipped before the one after.</summary>
    public bool Next()
    {
        if (rest.IsEmpty) return false;
        var key = Varint();
        (Field, wireType) = ((int)(key >> 3), (int)(key & 7));
        return Field > 0 ? true : throw new InvalidDataException("field number 0");
    }

    public long Integer() => wireType == 0 ? (long)Varint() : throw Unexpected();

    public ReadOnlySpan<byte> Bytes()
    {
        if (wireType != 2) throw Unexpected();
        var length = Varint();
        if (length > (ulong)rest.Length) throw new InvalidDataException("a field is longer than the file");
        return Take((int)length);
    }

    public float Real() => wireType == 5 ? System.Buffers.Binary.BinaryPrimitives.ReadSingleLittleEndian(Take(4)) : throw Unexpected();

    public string Text() => Encoding.UTF8.GetString(Bytes());

    public void Skip()
    {
        if (wireType == 0) Varint();
        else if (wireType == 1) Take(8);
        else if (wireType == 2) Bytes();
        else if (wireType == 5) Take(4);
        else throw Unexpected();
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > rest.Length) throw new InvalidDataException("the file ends within a field");
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var i = 0; i < 10; i++)
        {
            if (i == rest.Length) throw new InvalidDataException("the file ends within a number");
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] >= 0x80) continue;
            rest = rest[(i + 1)..];
            return value;
        }

        throw new InvalidDataException("a number has more than ten bytes");
    }

    private readonly InvalidDataException Unexpected() => new($"field {Field} has wire type {wireType}");
}
