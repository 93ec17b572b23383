using System.Collections.Immutable;
using System.Text;
using Netabase.Multiformats;
using Netabase.Transport.Connections;
using Netabase.Transport.Keys;

namespace Netabase.Transport.Identify;

/// <summary>
/// What a peer says about itself (libp2p identify). In a push any part may be missing, and then the old value stays.
/// </summary>
/// <param name="PublicKey">Field 1, the encoded key.</param>
/// <param name="Addresses">Field 2; those of kinds we do not know are left out.</param>
/// <param name="Protocols">Field 3.</param>
/// <param name="ObservedAddress">Field 4: how the sender sees us.</param>
/// <param name="ProtocolVersion">Field 5.</param>
/// <param name="AgentVersion">Field 6.</param>
/// <param name="SignedRecord">Field 8: an envelope with the sender's peer record.</param>
public sealed record IdentifyMessage(
    Payload? PublicKey,
    ImmutableArray<Multiaddr> Addresses,
    ImmutableArray<ProtocolId> Protocols,
    Multiaddr? ObservedAddress,
    string? ProtocolVersion,
    string? AgentVersion,
    Payload? SignedRecord)
{
    /// <summary>A frame that we send is at most so long; what does not fit goes into the next one.</summary>
    public const int MaxSent = 4096;

    /// <summary>A frame that we accept is at most so long.</summary>
    public const int MaxAccepted = 8192;

    /// <summary>Frames that are merged into one message; more is a refusal.</summary>
    public const int MaxFrames = 10;

    private const int MaxText = 128;

    /// <summary>Nothing said yet.</summary>
    public static IdentifyMessage Empty { get; } = new(null, [], [], null, null, null, null);

    /// <summary>The frames that carry this message, each at most <see cref="MaxSent"/> bytes; a field too long for that is left out.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Encode()
    {
        var frames = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        var frame = new ProtoMessage();
        var used = 0;
        foreach (var (field, value) in Fields())
        {
            var size = 1 + UVarint.LengthOf((ulong)value.Length) + value.Length;
            if (size > MaxSent)
            {
                continue;
            }

            if (used + size > MaxSent)
            {
                frames.Add(frame.ToArray());
                frame = new ProtoMessage();
                used = 0;
            }

            frame.Bytes(field, value.Span);
            used += size;
        }

        frames.Add(frame.ToArray());
        return frames.Count > MaxFrames ? [.. frames.Take(MaxFrames)] : frames.ToImmutable();
    }

    /// <summary>This message with what one more frame says.</summary>
    /// <exception cref="TransportException">The frame is malformed, or says more than the settings allow.</exception>
    public IdentifyMessage Merge(ReadOnlySpan<byte> frame, IdentifySettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var merged = this;
        var addresses = Addresses.ToBuilder();
        var protocols = Protocols.ToBuilder();
        var said = Addresses.Length;
        var reader = new ProtoFields(frame, "identify message");
        while (reader.MoveNext())
        {
            if (!reader.IsBytes)
            {
                continue;
            }

            switch (reader.Field)
            {
                case 1:
                    merged = merged with { PublicKey = Payload.Copy(reader.Bytes) };
                    break;
                case 2:
                    Count(++said, settings.MaxAddresses, "addresses");
                    if (Multiaddr.TryFromBytes(reader.Bytes, out var address))
                    {
                        addresses.Add(address);
                    }

                    break;
                case 3:
                    Count(protocols.Count + 1, settings.MaxProtocols, "protocols");
                    protocols.Add(new ProtocolId(Text(reader.Bytes, int.MaxValue)));
                    break;
                case 4:
                    merged = merged with { ObservedAddress = Multiaddr.TryFromBytes(reader.Bytes, out var seen) ? seen : null };
                    break;
                case 5:
                    merged = merged with { ProtocolVersion = Text(reader.Bytes, MaxText) };
                    break;
                case 6:
                    merged = merged with { AgentVersion = Text(reader.Bytes, MaxText) };
                    break;
                case 8:
                    merged = merged with { SignedRecord = Payload.Copy(reader.Bytes) };
                    break;
            }
        }

        return merged with { Addresses = addresses.ToImmutable(), Protocols = protocols.ToImmutable() };
    }

    private IEnumerable<(int Field, ReadOnlyMemory<byte> Value)> Fields()
    {
        if (PublicKey is { } key)
        {
            yield return (1, key.Memory);
        }

        if (ObservedAddress is { } observed)
        {
            yield return (4, observed.Bytes.Memory);
        }

        if (ProtocolVersion is { } version)
        {
            yield return (5, Encoding.UTF8.GetBytes(version));
        }

        if (AgentVersion is { } agent)
        {
            yield return (6, Encoding.UTF8.GetBytes(agent));
        }

        foreach (var protocol in Protocols)
        {
            yield return (3, Encoding.UTF8.GetBytes(protocol.Name));
        }

        foreach (var address in Addresses)
        {
            yield return (2, address.Bytes.Memory);
        }

        if (SignedRecord is { } record)
        {
            yield return (8, record.Memory);
        }
    }

    private static void Count(int count, int max, string what)
    {
        if (count > max)
        {
            throw new TransportException(TransportError.LimitReached, $"The peer says it has more than {max} {what}.");
        }
    }

    /// <summary>Text that ends up in logs and on terminals: no control characters, and not longer than it needs to be.</summary>
    private static string Text(ReadOnlySpan<byte> utf8, int maxChars)
    {
        var text = Encoding.UTF8.GetString(utf8);
        var clean = text.Any(char.IsControl) ? string.Concat(text.Where(c => !char.IsControl(c))) : text;
        return clean.Length > maxChars ? clean[..maxChars] : clean;
    }
}
