namespace Netabase.Protocol.Paxos;

/// <summary>
/// Master leases (Gray, Cheriton, 1989; Paxos Made Live, 5.2). The holder counts D(1-e) from before it asked, the grantor D(1+e)
/// from when it was asked, so that the holder's time is over first whichever clock is the faster one by at most e.
/// </summary>
internal static class Leases
{
    private const long Million = 1_000_000;

    /// <summary>What a grantor promises: to give nobody else its promise for a while.</summary>
    internal sealed class Grantor
    {
        private readonly long _duration;
        private Ballot _holder;
        private long _until;

        /// <param name="settings">D and e.</param>
        /// <param name="restartedAt">A grantor that may have granted before it restarted keeps silent for a whole lease.</param>
        public Grantor(PaxosSettings settings, long restartedAt)
        {
            var lease = settings.LeaseDuration;
            _duration = lease == 0 ? 0 : lease + (lease * settings.ClockDriftPpm / Million) + 1;
            _until = restartedAt == long.MinValue || lease == 0 ? long.MinValue : restartedAt + _duration;
        }

        /// <summary>Grants, and returns for how many milliseconds nobody else gets a promise; 0 when leases are off.</summary>
        public long Grant(Ballot leader, long now)
        {
            if (_duration == 0)
            {
                return 0;
            }

            _holder = leader;
            _until = Math.Max(_until, now + _duration);
            return _duration;
        }

        /// <summary>How long this candidate must wait; 0 when it need not.</summary>
        public long Forbids(NodeId candidate, Ballot handover, long now) =>
            now >= _until || candidate == _holder.Owner || (!handover.IsNone && handover == _holder) ? 0 : _until - now;
    }

    /// <summary>What a leader counts.</summary>
    internal sealed class Holder(PaxosSettings settings)
    {
        private readonly Dictionary<NodeId, long> _grants = [];
        private readonly long _duration = settings.LeaseDuration - (settings.LeaseDuration * settings.ClockDriftPpm / Million) - 1;
        private bool _givenUp;

        /// <summary>Whether leases are asked for.</summary>
        public bool IsOn => settings.LeaseDuration > 0 && !_givenUp;

        /// <summary>A grant for a request sent then came back.</summary>
        public void Granted(NodeId from, long sentAt, long receivedAt)
        {
#if NETABASE_MUTANT_LEASE_FROM_RECEIPT
            var start = receivedAt;
#else
            _ = receivedAt;
            var start = sentAt;
#endif
            _grants[from] = Math.Max(_grants.GetValueOrDefault(from, long.MinValue), start + _duration);
        }

        /// <summary>For good, in this ballot: somebody else is to lead.</summary>
        public void GiveUp() => _givenUp = true;

        /// <summary>Until when a majority of each of these configurations promises nobody else; in the past when none is held.</summary>
        public long Until(ReadOnlySpan<Configuration> configurations)
        {
            if (!IsOn)
            {
                return long.MinValue;
            }

            var until = long.MaxValue;
            foreach (var configuration in configurations)
            {
                Span<long> grants = new long[configuration.Voters.Length];
                for (var i = 0; i < grants.Length; i++)
                {
                    grants[i] = _grants.GetValueOrDefault(configuration.Voters[i].Node, long.MinValue);
                }

                grants.Sort();
                until = Math.Min(until, grants[configuration.Voters.Length - configuration.Majority]);
            }

            return until;
        }
    }
}
