namespace Netabase.Protocol.Records;

/// <summary>What an IPNS record's data says; a field is null where it is missing or of another type.</summary>
/// <param name="Value">The path it points to.</param>
/// <param name="Validity">Its end in text.</param>
/// <param name="ValidityType">0: the validity is an end.</param>
/// <param name="Sequence">Its order among the versions.</param>
/// <param name="Ttl">Nanoseconds for which it may be cached.</param>
internal sealed record DagCborMap(Payload? Value, Payload? Validity, ulong? ValidityType, ulong? Sequence, ulong? Ttl)
{
    /// <summary>Reads a DAG-CBOR map (definite lengths only); null for anything else, or when something stands behind it.</summary>
    public static DagCborMap? Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new Reader(bytes);
        if (!reader.TryHead(out var major, out var count) || major != Major.Map)
        {
            return null;
        }

        var read = new DagCborMap(null, null, null, null, null);
        for (ulong i = 0; i < count; i++)
        {
            if (!reader.TryText(out var name) || !reader.TryItem(out var number, out var content, depth: 0))
            {
                return null;
            }

            read = name switch
            {
                _ when name.SequenceEqual("Value"u8) => read with { Value = content },
                _ when name.SequenceEqual("Validity"u8) => read with { Validity = content },
                _ when name.SequenceEqual("ValidityType"u8) => read with { ValidityType = number },
                _ when name.SequenceEqual("Sequence"u8) => read with { Sequence = number },
                _ when name.SequenceEqual("TTL"u8) => read with { Ttl = number },
                _ => read,
            };
        }

        return reader.IsAtEnd ? read : null;
    }

    private static class Major
    {
        public const int Unsigned = 0;
        public const int Bytes = 2;
        public const int Text = 3;
        public const int List = 4;
        public const int Map = 5;
        public const int Tag = 6;
    }

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private const int DepthMax = 16;

        private ReadOnlySpan<byte> _rest = bytes;

        public readonly bool IsAtEnd => _rest.IsEmpty;

        public bool TryHead(out int major, out ulong argument)
        {
            (major, argument) = (0, 0);
            if (_rest.IsEmpty)
            {
                return false;
            }

            var (first, low) = (_rest[0], _rest[0] & 0x1f);
            major = first >> 5;
            _rest = _rest[1..];
            if (low < 24)
            {
                argument = (ulong)low;
                return true;
            }

            var width = low - 24 is var power and < 4 ? 1 << power : int.MaxValue;
            if (width > _rest.Length)
            {
                return false;
            }

            foreach (var b in _rest[..width])
            {
                argument = (argument << 8) | b;
            }

            _rest = _rest[width..];
            return true;
        }

        public bool TryText(out ReadOnlySpan<byte> text)
        {
            text = default;
            return TryHead(out var major, out var length) && major == Major.Text && TryTake(length, out text);
        }

        /// <summary>Reads one item: a number, bytes (or text), or passes over anything else.</summary>
        public bool TryItem(out ulong? number, out Payload? content, int depth)
        {
            (number, content) = (null, null);
            if (depth > DepthMax || !TryHead(out var major, out var argument))
            {
                return false;
            }

            switch (major)
            {
                case Major.Unsigned:
                    number = argument;
                    return true;
                case Major.Bytes or Major.Text:
                    if (!TryTake(argument, out var taken))
                    {
                        return false;
                    }

                    content = Payload.Copy(taken);
                    return true;
                case Major.List or Major.Map or Major.Tag:
                    if (argument > (ulong)_rest.Length && major != Major.Tag)
                    {
                        return false;
                    }

                    var items = major == Major.Tag ? 1 : major == Major.Map ? argument * 2 : argument;
                    for (ulong i = 0; i < items; i++)
                    {
                        if (!TryItem(out _, out _, depth + 1))
                        {
                            return false;
                        }
                    }

                    return true;
                default:
                    // Negative numbers, and the simple values with their floats: the head was all of them.
                    return true;
            }
        }

        private bool TryTake(ulong length, out ReadOnlySpan<byte> taken)
        {
            taken = default;
            if (length > (ulong)_rest.Length)
            {
                return false;
            }

            taken = _rest[..(int)length];
            _rest = _rest[(int)length..];
            return true;
        }
    }
}
