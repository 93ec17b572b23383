using System.Net;
using Netabase.Multiformats;

namespace Netabase.Transport.Mdns;

/// <summary>Where a datagram came from.</summary>
/// <param name="EndPoint">Address and port.</param>
/// <param name="IsThisMachine">The address is one of our own.</param>
internal readonly record struct MdnsSender(IPEndPoint EndPoint, bool IsThisMachine);

/// <summary>What a step leaves to be done.</summary>
internal abstract record MdnsEffect
{
    private MdnsEffect()
    {
    }

    /// <summary>Send to the group, on every interface.</summary>
    public sealed record Multicast(byte[] Datagram) : MdnsEffect;

    /// <summary>Send to one who asked.</summary>
    public sealed record Unicast(byte[] Datagram, IPEndPoint To) : MdnsEffect;

    /// <summary>Tell whoever listens.</summary>
    public sealed record Tell(MdnsEvent Event) : MdnsEffect;
}

/// <summary>
/// The conversation on the local network, without a socket and without a clock: datagrams and the time come in, effects
/// come out. The owner calls <see cref="Tick"/> no later than <see cref="NextWake"/>. Not thread-safe.
/// </summary>
internal sealed class MdnsState
{
    /// <summary>A kind of answer is multicast at most once in this time (RFC 6762, 6).</summary>
    private static readonly TimeSpan AnswerSpacing = TimeSpan.FromSeconds(1);

    /// <summary>Legacy askers get at most this many answers in <see cref="AnswerSpacing"/>, all together: we are no amplifier.</summary>
    private const int LegacyAnswersMax = 10;

    /// <summary>After a start or a change of the network the first questions come quickly (RFC 6762, 5.2).</summary>
    private static readonly TimeSpan[] QuickQuestions = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)];

    private readonly MdnsOptions _options;
    private readonly MdnsMessages _messages;
    private readonly MdnsPeers _peers;
    private readonly Func<IReadOnlyList<Multiaddr>> _ours;
    private readonly Random _chance;
    private readonly TimeSpan?[] _answerAt = new TimeSpan?[3];
    private readonly TimeSpan[] _answered = [TimeSpan.MinValue, TimeSpan.MinValue, TimeSpan.MinValue];
    private TimeSpan _nextQuery;
    private TimeSpan _legacyWindow = TimeSpan.MinValue;
    private int _questions;
    private int _legacyAnswers;

    /// <summary>Starts the conversation at time 0: the first question is due at once.</summary>
    /// <param name="options">Bounds and times.</param>
    /// <param name="self">Who we are; what names us is passed over.</param>
    /// <param name="peerName">Our random label.</param>
    /// <param name="ours">Our addresses, asked whenever they are needed.</param>
    /// <param name="chance">Spreads answers, so that a hundred nodes do not answer in one instant.</param>
    public MdnsState(MdnsOptions options, PeerId self, string peerName, Func<IReadOnlyList<Multiaddr>> ours, Random chance)
    {
        _options = options;
        _messages = new MdnsMessages(options, self, peerName);
        _peers = new MdnsPeers(options);
        (_ours, _chance) = (ours, chance);
    }

    /// <summary>When something is to be done, if nothing comes in before.</summary>
    public TimeSpan NextWake
    {
        get
        {
            var wake = _nextQuery;
            foreach (var due in _answerAt.Append(_peers.NextExpiry))
            {
                if (due is { } time && time < wake) wake = time;
            }

            return wake;
        }
    }

    /// <summary>The interfaces are others than before: ask and introduce ourselves again, quickly.</summary>
    public void NetworkChanged(TimeSpan now)
    {
        (_nextQuery, _questions) = (now, 0);
        AnswerSoon(MdnsTopic.Service, now);
    }

    /// <summary>Does what is due.</summary>
    public IEnumerable<MdnsEffect> Tick(TimeSpan now)
    {
        var effects = new List<MdnsEffect>();
        if (_nextQuery <= now)
        {
            effects.Add(new MdnsEffect.Multicast(_messages.Query()));
            _nextQuery = now + (_questions < QuickQuestions.Length ? QuickQuestions[_questions++] : _options.Interval);
        }

        for (var topic = 0; topic < _answerAt.Length; topic++)
        {
            if (_answerAt[topic] is not { } due || due > now) continue;
            (_answerAt[topic], _answered[topic]) = (null, now);
            effects.AddRange(_messages.Answers((MdnsTopic)topic, _ours()).Select(datagram => new MdnsEffect.Multicast(datagram)));
        }

        effects.AddRange(_peers.Expire(now).Select(told => new MdnsEffect.Tell(told)));
        return effects;
    }

    /// <summary>Takes in a datagram; what is malformed or of no concern has no effect.</summary>
    public IEnumerable<MdnsEffect> Receive(ReadOnlySpan<byte> datagram, MdnsSender sender, TimeSpan now)
    {
        if (!DnsMessage.TryRead(datagram, out var message)) return [];
        if (!message.IsResponse) return _options.Announce ? Asked(message, sender, now) : [];

        // Answers come from the port itself, or they are not from a responder of this network (RFC 6762, 6).
        return sender.EndPoint.Port == _options.Port ? Answered(message, sender, now) : [];
    }

    /// <summary>Takes back what we said, before we go.</summary>
    public IEnumerable<MdnsEffect> Goodbye() =>
        _options.Announce ? _messages.Goodbyes(_ours()).Select(datagram => new MdnsEffect.Multicast(datagram)) : [];

    private List<MdnsEffect> Asked(DnsMessage query, MdnsSender sender, TimeSpan now)
    {
        var effects = new List<MdnsEffect>();
        foreach (var question in query.Questions)
        {
            if (_messages.TopicOf(question) is not { } topic) continue;
            if (sender.EndPoint.Port == _options.Port) AnswerSoon(topic, now);
            else if (MayAnswerLegacy(now))
                effects.AddRange(_messages.LegacyAnswers(topic, _ours(), query.Id, question).Select(d => new MdnsEffect.Unicast(d, sender.EndPoint)));
        }

        return effects;
    }

    private List<MdnsEffect> Answered(DnsMessage response, MdnsSender sender, TimeSpan now)
    {
        var effects = new List<MdnsEffect>();
        foreach (var told in _messages.AddressesIn(response, sender.IsThisMachine).GroupBy(entry => entry.Address.Peer!.Value))
        {
            if (_peers.Heard(told.Key, told, now) is { } noticed) effects.Add(new MdnsEffect.Tell(noticed));
        }

        return effects;
    }

    private void AnswerSoon(MdnsTopic topic, TimeSpan now)
    {
        ref var due = ref _answerAt[(int)topic];
        if (due is not null || !_options.Announce) return;
        var spread = now + TimeSpan.FromMilliseconds(_chance.Next(20, 121));
        var last = _answered[(int)topic];
        due = last != TimeSpan.MinValue && last + AnswerSpacing > spread ? last + AnswerSpacing : spread;
    }

    private bool MayAnswerLegacy(TimeSpan now)
    {
        if (_legacyWindow == TimeSpan.MinValue || now - _legacyWindow >= AnswerSpacing) (_legacyWindow, _legacyAnswers) = (now, 0);
        return _legacyAnswers++ < LegacyAnswersMax;
    }
}
