using System.Threading.Channels;

namespace Netabase.Transport.Network;

/// <summary>Wakes one waiter; ringing it often before it is heard is ringing it once.</summary>
internal sealed class Bell
{
    private readonly Channel<bool> _rung =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Ring() => _rung.Writer.TryWrite(true);

    public async Task HeardAsync(CancellationToken cancellation) => await _rung.Reader.ReadAsync(cancellation).ConfigureAwait(false);
}
