using System.Buffers.Binary;

namespace Netabase.Transport.Mdns;

/// <summary>Writes our own DNS messages, names uncompressed: ours are few and short.</summary>
internal static class DnsWriter
{
    private const int InternetClass = 1;
    private const int AuthoritativeResponse = 0x8400;

    public static byte[] Write(DnsMessage message)
    {
        var bytes = new List<byte>(512);
        UInt16(bytes, message.Id);
        UInt16(bytes, message.IsResponse ? AuthoritativeResponse : 0);
        UInt16(bytes, message.Questions.Length);
        UInt16(bytes, message.Answers.Length);
        UInt16(bytes, 0);
        UInt16(bytes, message.Additional.Length);
        foreach (var question in message.Questions)
        {
            Name(bytes, question.Name);
            UInt16(bytes, (int)question.Type);
            UInt16(bytes, InternetClass | (question.UnicastWanted ? 0x8000 : 0));
        }

        foreach (var record in message.Answers) Record(bytes, record);
        foreach (var record in message.Additional) Record(bytes, record);
        return bytes.Count <= DnsMessage.MaxLength
            ? [.. bytes]
            : throw new ArgumentException($"The message has {bytes.Count} bytes; {DnsMessage.MaxLength} is the most.", nameof(message));
    }

    /// <summary>How many bytes a name takes; an exception when DNS cannot hold it.</summary>
    public static int LengthOf(DnsName name)
    {
        var bytes = new List<byte>();
        Name(bytes, name);
        return bytes.Count;
    }

    private static void Record(List<byte> bytes, DnsRecord record)
    {
        Name(bytes, record.Name);
        UInt16(bytes, (int)TypeOf(record));
        UInt16(bytes, InternetClass);
        UInt16(bytes, (int)(record.TimeToLive >> 16));
        UInt16(bytes, (int)(record.TimeToLive & 0xffff));
        var lengthAt = bytes.Count;
        UInt16(bytes, 0);
        if (record is DnsRecord.Ptr ptr) Name(bytes, ptr.Target);
        if (record is DnsRecord.Txt txt) Strings(bytes, txt);

        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)(bytes.Count - lengthAt - 2)));
        (bytes[lengthAt], bytes[lengthAt + 1]) = (length[0], length[1]);
    }

    private static DnsType TypeOf(DnsRecord record) => record switch
    {
        DnsRecord.Ptr => DnsType.Ptr,
        DnsRecord.Txt => DnsType.Txt,
        DnsRecord.Other other => other.Type,
        _ => throw new ArgumentException("Not a record we write.", nameof(record)),
    };

    private static void Strings(List<byte> bytes, DnsRecord.Txt txt)
    {
        foreach (var text in txt.Strings)
        {
            if (text.Length > 255) throw new ArgumentException($"A TXT string of {text.Length} bytes; 255 is the most.", nameof(txt));
            bytes.Add((byte)text.Length);
            bytes.AddRange(text.Span);
        }

        // RFC 6763, 6.1: a record without strings holds one empty string.
        if (txt.Strings.IsEmpty) bytes.Add(0);
    }

    private static void Name(List<byte> bytes, DnsName name)
    {
        var start = bytes.Count;
        var label = new List<byte>();
        for (var i = 0; i < name.Text.Length; i++)
        {
            var c = name.Text[i];
            if (c == '.')
            {
                Label(bytes, label);
                continue;
            }

            if (c == '\\' && ++i < name.Text.Length) c = name.Text[i];
            if (c > 0xff) throw new ArgumentException($"The name '{name}' has a character that is no byte.", nameof(name));
            label.Add((byte)c);
        }

        if (name.Text.Length > 0) Label(bytes, label);
        bytes.Add(0);
        if (bytes.Count - start > DnsName.MaxWireLength) throw new ArgumentException($"The name '{name}' is too long for DNS.", nameof(name));
    }

    private static void Label(List<byte> bytes, List<byte> label)
    {
        if (label.Count is 0 or > DnsName.MaxLabel) throw new ArgumentException($"A label of {label.Count} bytes; 1 to {DnsName.MaxLabel} are possible.", nameof(label));
        bytes.Add((byte)label.Count);
        bytes.AddRange(label);
        label.Clear();
    }

    private static void UInt16(List<byte> bytes, int value)
    {
        bytes.Add((byte)(value >> 8));
        bytes.Add((byte)value);
    }
}
