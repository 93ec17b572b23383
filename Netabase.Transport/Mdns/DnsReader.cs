using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Netabase.Transport.Mdns;

/// <summary>
/// Reads DNS messages from strangers. A failure sticks: every read after it gives nothing, and the whole message is refused.
/// A compression pointer must point before the part of the name that led to it, so a name ends after at most
/// <see cref="MaxPointers"/> of them.
/// </summary>
internal ref struct DnsReader
{
    private const int HeaderLength = 12;
    private const int MaxPointers = 16;
    private const ushort InternetClass = 1;
    private const ushort AnyClass = 255;
    private const ushort TopBit = 0x8000;

    private readonly ReadOnlySpan<byte> _message;
    private int _at;
    private bool _failed;

    private DnsReader(ReadOnlySpan<byte> message) => _message = message;

    public static bool TryRead(ReadOnlySpan<byte> bytes, out DnsMessage message)
    {
        message = null!;
        if (bytes.Length is < HeaderLength or > DnsMessage.MaxLength) return false;

        var reader = new DnsReader(bytes);
        var id = reader.UInt16();
        var flags = reader.UInt16();
        var (questions, answers, authority, additional) = (reader.UInt16(), reader.UInt16(), reader.UInt16(), reader.UInt16());

        // Other operations than a query, and answers that tell of an error, are to be ignored (RFC 6762, 18.3 and 18.11).
        if ((flags & 0x780f) != 0) return false;
        if (Math.Max(Math.Max(questions, answers), Math.Max(authority, additional)) > DnsMessage.MaxEntries) return false;

        var asked = reader.Questions(questions);
        var answered = reader.Records(answers);
        _ = reader.Records(authority);
        var further = reader.Records(additional);
        if (reader._failed || reader._at != bytes.Length) return false;

        message = new DnsMessage(id, (flags & TopBit) != 0, asked, answered, further);
        return true;
    }

    private ImmutableArray<DnsQuestion> Questions(int count)
    {
        var found = ImmutableArray.CreateBuilder<DnsQuestion>();
        for (var i = 0; i < count && !_failed; i++)
        {
            var name = Name();
            var type = (DnsType)UInt16();
            var kind = UInt16();
            if ((kind & ~TopBit) is InternetClass or AnyClass) found.Add(new DnsQuestion(name, type, (kind & TopBit) != 0));
        }

        return found.ToImmutable();
    }

    private ImmutableArray<DnsRecord> Records(int count)
    {
        var found = ImmutableArray.CreateBuilder<DnsRecord>();
        for (var i = 0; i < count && !_failed; i++)
        {
            var name = Name();
            var type = (DnsType)UInt16();
            var kind = UInt16() & ~TopBit;
            var timeToLive = UInt32();
            var end = UInt16() + _at;
            if (_failed || end > _message.Length)
            {
                _failed = true;
                break;
            }

            var record = Content(name, type, timeToLive, end);
            if (kind == InternetClass) found.Add(record);
        }

        return found.ToImmutable();
    }

    private DnsRecord Content(DnsName name, DnsType type, uint timeToLive, int end)
    {
        switch (type)
        {
            case DnsType.Ptr:
                var target = Name();
                _failed |= _at != end;
                return new DnsRecord.Ptr(name, timeToLive, target);
            case DnsType.Txt:
                var strings = ImmutableArray.CreateBuilder<Payload>();
                while (_at < end && !_failed)
                {
                    var length = _message[_at++];
                    _failed |= _at + length > end;
                    if (_failed) break;
                    strings.Add(Payload.Copy(_message.Slice(_at, length)));
                    _at += length;
                }

                return new DnsRecord.Txt(name, timeToLive, strings.ToImmutable());
            default:
                _at = end;
                return new DnsRecord.Other(name, timeToLive, type);
        }
    }

    private DnsName Name()
    {
        var text = new StringBuilder();
        var (at, segment, resume, pointers, wire) = (_at, _at, -1, 0, 1);
        while (!_failed)
        {
            if (at >= _message.Length) break;
            var length = _message[at];
            if (length == 0)
            {
                _at = resume < 0 ? at + 1 : resume;
                return new DnsName(text.ToString());
            }

            if ((length & 0xc0) == 0xc0)
            {
                if (at + 2 > _message.Length || ++pointers > MaxPointers) break;
                var target = BinaryPrimitives.ReadUInt16BigEndian(_message[at..]) & 0x3fff;
                if (target >= segment || target < HeaderLength) break;
                if (resume < 0) resume = at + 2;
                (at, segment) = (target, target);
                continue;
            }

            wire += 1 + length;
            if (length > DnsName.MaxLabel || at + 1 + length > _message.Length || wire > DnsName.MaxWireLength) break;
            Append(text, _message.Slice(at + 1, length));
            at += 1 + length;
        }

        _failed = true;
        return default;
    }

    /// <summary>Bytes as characters of the same number: nothing is lost, and whoever compares compares ASCII.</summary>
    private static void Append(StringBuilder text, ReadOnlySpan<byte> label)
    {
        if (text.Length > 0) text.Append('.');
        foreach (var b in label)
        {
            if (b is (byte)'.' or (byte)'\\') text.Append('\\');
            text.Append((char)b);
        }
    }

    private ushort UInt16()
    {
        _failed |= _at + 2 > _message.Length;
        if (_failed) return 0;
        _at += 2;
        return BinaryPrimitives.ReadUInt16BigEndian(_message[(_at - 2)..]);
    }

    private uint UInt32() => ((uint)UInt16() << 16) | UInt16();
}
