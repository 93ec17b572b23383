using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Netabase.Multiformats;

/// <summary>
/// A self-describing network address (multiformats/multiaddr), such as <c>/ip4/192.0.2.1/tcp/4001/p2p/12D3...</c>. Equal by
/// content. <see cref="Parse"/> and <see cref="FromBytes"/> let only well-formed addresses through; the constructor trusts
/// its caller, and reading a malformed one gives a <see cref="MultiformatException"/>.
/// </summary>
/// <param name="Bytes">The binary form: a sequence of protocol code and value.</param>
public readonly partial record struct Multiaddr(Payload Bytes)
{
    /// <summary>The longest address we read, in bytes: room for a relay, two peers and a few certificate hashes.</summary>
    public const int MaxLength = 2048;

    /// <summary>The most components we read.</summary>
    public const int MaxComponents = 32;

    private const int MaxChars = 3 * MaxLength;

    /// <summary>No component at all: not an address, the value to build on with <see cref="With"/>.</summary>
    public static Multiaddr Empty => default;

    /// <summary>Whether there is no component.</summary>
    public bool IsEmpty => Bytes.IsEmpty;

    /// <summary>The components in order.</summary>
    public MultiaddrComponents Components => new(Bytes.Memory);

    /// <summary>Reads the text form. <c>/ipfs/</c> is read as <c>/p2p/</c>; slashes at the end are ignored.</summary>
    /// <exception cref="MultiformatException">It says which component is wrong and why.</exception>
    public static Multiaddr Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Read(text, out var address) is { } problem
            ? throw new MultiformatException($"'{Multibase.Quote(text)}' is no multiaddr: {problem}.")
            : address;
    }

    /// <summary>Reads the text form, or says false.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Multiaddr address) => Read(text.AsSpan(), out address) is null;

    /// <summary>A copy of the binary form.</summary>
    /// <exception cref="MultiformatException">An unknown code, a value that is cut off or malformed, or too many bytes.</exception>
    public static Multiaddr FromBytes(ReadOnlySpan<byte> bytes) =>
        Check(bytes) is { } problem
            ? throw new MultiformatException($"{bytes.Length} bytes are no multiaddr: {problem}.")
            : new Multiaddr(Payload.Copy(bytes));

    /// <summary>A copy of the binary form, or false. A list of addresses from a peer keeps those that are sound.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, out Multiaddr address)
    {
        address = default;
        if (Check(bytes) is not null) return false;
        address = new Multiaddr(Payload.Copy(bytes));
        return true;
    }

    /// <summary>This address with one more component, its value given as text.</summary>
    /// <exception cref="MultiformatException">The value does not suit the protocol.</exception>
    public Multiaddr With(MultiaddrProtocol protocol, string? value = null)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        if (protocol.HasValue == value is null)
            throw new MultiformatException(protocol.HasValue ? $"/{protocol.Name} needs a value." : $"/{protocol.Name} takes no value.");

        // A path's text form starts with the slash that its binary form keeps.
        var text = protocol.Kind == MultiaddrValueKind.Path && value is not ['/', ..] ? "/" + value : value;
        if (MultiaddrValue.FromText(protocol.Kind, text, out var bytes) is { } problem)
            throw new MultiformatException($"'{Multibase.Quote(value)}' does not suit /{protocol.Name}: {problem}.");

        var builder = new Builder(Bytes.Length + bytes.Length + 8);
        builder.Add(Bytes.Span);
        builder.Add(protocol, bytes);
        return Checked(builder.ToPayload());
    }

    /// <summary>This address, and behind it another one.</summary>
    public Multiaddr Encapsulate(Multiaddr inner)
    {
        if (inner.IsEmpty) return this;
        if (IsEmpty) return inner;
        return Checked(new Payload((byte[])[.. Bytes.Span, .. inner.Bytes.Span]));
    }

    /// <summary>What stands before the last occurrence of another address in this one; unchanged when it does not occur.</summary>
    public Multiaddr Decapsulate(Multiaddr inner)
    {
        var cut = -1;
        if (!inner.IsEmpty)
        {
            foreach (var component in Components)
            {
                if (Bytes.Span[component.Start..].StartsWith(inner.Bytes.Span)) cut = component.Start;
            }
        }

        return cut < 0 ? this : new Multiaddr(new Payload(Bytes.Memory[..cut]));
    }

    /// <summary>What stands before the last component of a protocol; unchanged when there is none.</summary>
    public Multiaddr Decapsulate(MultiaddrProtocol protocol)
    {
        var cut = -1;
        foreach (var component in Components)
        {
            if (component.Protocol == protocol) cut = component.Start;
        }

        return cut < 0 ? this : new Multiaddr(new Payload(Bytes.Memory[..cut]));
    }

    /// <summary>Whether any component is of a protocol.</summary>
    public bool Has(MultiaddrProtocol protocol) => TryGet(protocol, out _);

    /// <summary>The first component of a protocol.</summary>
    public bool TryGet(MultiaddrProtocol protocol, out MultiaddrComponent found)
    {
        foreach (var component in Components)
        {
            if (component.Protocol != protocol) continue;
            found = component;
            return true;
        }

        found = default;
        return false;
    }

    /// <summary>The text form; empty for the default value.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var component in Components) component.AppendTo(text);
        return text.ToString();
    }

    private static Multiaddr Checked(Payload bytes) =>
        Check(bytes.Span) is { } problem ? throw new MultiformatException($"That makes no multiaddr: {problem}.") : new Multiaddr(bytes);

    private static string? Check(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return "it is empty";
        if (bytes.Length > MaxLength) return $"it is longer than {MaxLength} bytes";
        for (var count = 0; !bytes.IsEmpty; count++)
        {
            if (count == MaxComponents) return $"it has more than {MaxComponents} components";
            if (MultiaddrComponents.Take(ref bytes, out var protocol, out var value) is { } problem) return problem;
            if (MultiaddrValue.Check(protocol.Kind, value) is { } wrong) return $"/{protocol.Name}: {wrong}";

            // In text a path takes the rest, so what stood behind it could not be told from it.
            if (protocol.Kind == MultiaddrValueKind.Path && !bytes.IsEmpty) return $"/{protocol.Name}: nothing may follow a path";
        }

        return null;
    }

    private static string? Read(ReadOnlySpan<char> text, out Multiaddr address)
    {
        address = default;
        if (text is not ['/', ..]) return "it does not start with '/'";
        if (text.Length > MaxChars) return $"it has more than {MaxChars} characters";

        var rest = text.TrimEnd('/');
        if (rest.IsEmpty) return "it is empty";
        var builder = new Builder(rest.Length);
        for (var count = 0; !rest.IsEmpty; count++)
        {
            if (count == MaxComponents) return $"it has more than {MaxComponents} components";
            var name = Segment(ref rest);
            if (MultiaddrProtocol.Find(name.ToString()) is not { } protocol) return $"'{Multibase.Quote(name)}' is no protocol we know";
            if (protocol.HasValue && rest.IsEmpty) return $"/{protocol.Name} needs a value";

            scoped ReadOnlySpan<char> value = [];
            if (protocol.Kind == MultiaddrValueKind.Path)
            {
                value = rest;
                rest = [];
            }
            else if (protocol.HasValue)
            {
                value = Segment(ref rest);
            }

            if (MultiaddrValue.FromText(protocol.Kind, value, out var bytes) is { } problem) return $"/{protocol.Name}: {problem}";
            builder.Add(protocol, bytes);
        }

        if (builder.Length > MaxLength) return $"it is longer than {MaxLength} bytes";
        address = new Multiaddr(builder.ToPayload());
        return null;
    }

    /// <summary>Takes <c>/segment</c> off the front.</summary>
    private static ReadOnlySpan<char> Segment(ref ReadOnlySpan<char> rest)
    {
        rest = rest[1..];
        var end = rest.IndexOf('/');
        var segment = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[end..];
        return segment;
    }

    private sealed class Builder(int capacity)
    {
        private readonly List<byte> _bytes = new(capacity);

        public int Length => _bytes.Count;

        public void Add(ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);

        public void Add(MultiaddrProtocol protocol, ReadOnlySpan<byte> value)
        {
            Add(protocol.CodeBytes);
            if (MultiaddrValue.FixedSize(protocol.Kind) < 0)
            {
                Span<byte> length = stackalloc byte[UVarint.MaxLength];
                Add(length[..UVarint.Write(length, (ulong)value.Length)]);
            }

            Add(value);
        }

        public Payload ToPayload() => new(_bytes.ToArray());
    }
}
