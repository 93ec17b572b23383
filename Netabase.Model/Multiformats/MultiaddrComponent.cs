using System.Collections;
using System.Text;

namespace Netabase.Multiformats;

/// <summary>One protocol of an address and its value.</summary>
/// <param name="Protocol">Which.</param>
/// <param name="Value">The value's bytes, a window into the address; empty for protocols without one.</param>
/// <param name="Start">Where the component starts in the address's bytes.</param>
public readonly record struct MultiaddrComponent(MultiaddrProtocol Protocol, ReadOnlyMemory<byte> Value, int Start)
{
    /// <summary>The value as it stands in the text form, a path without its first slash; empty for protocols without one.</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder();
            if (Protocol.HasValue) MultiaddrValue.AppendText(text, Protocol.Kind, Value.Span);
            return text.ToString();
        }
    }

    /// <summary><c>/name</c> or <c>/name/value</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        AppendTo(text);
        return text.ToString();
    }

    internal void AppendTo(StringBuilder text)
    {
        text.Append('/').Append(Protocol.Name);
        if (!Protocol.HasValue) return;
        text.Append('/');
        MultiaddrValue.AppendText(text, Protocol.Kind, Value.Span);
    }
}

/// <summary>The components of one address, read off its bytes as they are enumerated; <c>foreach</c> allocates nothing.</summary>
public readonly struct MultiaddrComponents : IEnumerable<MultiaddrComponent>
{
    private readonly ReadOnlyMemory<byte> _bytes;

    internal MultiaddrComponents(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    /// <summary>Starts at the front.</summary>
    public Enumerator GetEnumerator() => new(_bytes);

    /// <inheritdoc/>
    IEnumerator<MultiaddrComponent> IEnumerable<MultiaddrComponent>.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Takes one component off the front; the value is not judged yet.</summary>
    internal static string? Take(ref ReadOnlySpan<byte> bytes, out MultiaddrProtocol protocol, out ReadOnlySpan<byte> value)
    {
        value = default;
        protocol = MultiaddrProtocol.P2p;
        if (!UVarint.TryTake(ref bytes, int.MaxValue, out var code)) return "a protocol code is cut off or malformed";
        if (MultiaddrProtocol.Find(code) is not { } found) return $"{code} is no protocol code we know";

        protocol = found;
        var size = MultiaddrValue.FixedSize(found.Kind);
        if (size < 0 && !UVarint.TryTake(ref bytes, MultiaddrValue.MaxLength, out size)) return $"/{found.Name}: the length of its value is malformed";
        if (size > bytes.Length) return $"/{found.Name}: its value is cut off";

        value = bytes[..size];
        bytes = bytes[size..];
        return null;
    }

    /// <summary>Walks over the components.</summary>
    public struct Enumerator : IEnumerator<MultiaddrComponent>
    {
        private readonly ReadOnlyMemory<byte> _bytes;
        private int _at;

        internal Enumerator(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

        /// <inheritdoc/>
        public MultiaddrComponent Current { get; private set; }

        /// <inheritdoc/>
        readonly object IEnumerator.Current => Current;

        /// <summary>Goes to the next component.</summary>
        /// <exception cref="MultiformatException">The bytes were never checked, and are malformed here.</exception>
        public bool MoveNext()
        {
            if (_at >= _bytes.Length) return false;

            var start = _at;
            var rest = _bytes.Span[start..];
            if (Take(ref rest, out var protocol, out var value) is { } problem) throw new MultiformatException($"The bytes are no multiaddr: {problem}.");
            _at = _bytes.Length - rest.Length;
            Current = new MultiaddrComponent(protocol, _bytes.Slice(_at - value.Length, value.Length), start);
            return true;
        }

        /// <summary>Goes back to the front.</summary>
        public void Reset() => _at = 0;

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }
    }
}
