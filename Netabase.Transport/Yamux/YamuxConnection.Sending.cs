namespace Netabase.Transport.Yamux;

/// <summary>The send loop: collects what the session lets go into one buffer, seals it there, and sends it at once.</summary>
internal sealed partial class YamuxConnection
{
    private readonly FramePacker _packer;
    private TransportException? _sendFailure;

    private async Task SendLoopAsync()
    {
        try
        {
            var live = true;
            while (live)
            {
                await _signal.WaitAsync().ConfigureAwait(false);
                for (var first = true; Collect(out live); first = false)
                {
                    // A writer that woke us carries one send in its own thread, no more.
                    if (!first)
                        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                    await SendAsync(_packer.Finish()).ConfigureAwait(false);
                }

                _packer.Release();
            }
        }
        catch (TransportException failure)
        {
            await HearOutAsync(failure).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // Whatever a transport or codec throws beyond its contract ends this connection and nothing else.
            End(new TransportException(TransportError.ConnectionClosed, "the connection failed while sending", failure), null);
        }
        finally
        {
            _packer.Release();
            End(null, null);
        }
    }

    /// <summary>
    /// The peer takes nothing any more; what it said before it left is still heard, a goodbye among it. The receive loop ends the
    /// session where that ends, the timer when it takes longer than a farewell may.
    /// </summary>
    private async Task HearOutAsync(TransportException failure)
    {
        _packer.Release();
        lock (Gate)
        {
            _sendFailure = failure;
            _sendStalledAt = null;
            _heardOutAt = After(Options.FarewellTimeout);
            RearmUnderGate();
        }

        while (!IsOver())
            await _signal.WaitAsync().ConfigureAwait(false);
    }

    private bool IsOver()
    {
        lock (Gate)
            return _over;
    }

    /// <summary>Fills the buffer; false when there is nothing to send.</summary>
    /// <param name="live">False when the loop has nothing left to do for ever.</param>
    private bool Collect(out bool live)
    {
        YamuxStream? sending = null;
        var any = false;
        while (true)
        {
            Outgoing next;
            lock (Gate)
            {
                sending?.EndSendUnderGate();
                sending = null;
                live = !Session.GoodbyeSent && (!_over || _farewell);
                if (!live || !Session.TryNext(_packer.Room, Now, out next))
                {
                    // The goodbye is the last thing in the buffer; what is in it still leaves.
                    WakeOpenersUnderGate();
                    return any;
                }

                if (next.Payload > 0)
                {
                    sending = next.Stream!.Owner!;
                    sending.BeginSendUnderGate(next.Payload);
                }
            }

            any = true;
            _packer.Write(next.Header);
            sending?.CopyTo(_packer);
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        var sending = _secured.Raw.SendAsync(bytes, CancellationToken.None);
        if (sending.IsCompletedSuccessfully)
        {
            sending.GetAwaiter().GetResult();
            return;
        }

        lock (Gate)
        {
            _sendStalledAt = Now;
            RearmUnderGate();
        }

        await sending.ConfigureAwait(false);
        lock (Gate)
            _sendStalledAt = null;
    }
}
