using System.Buffers.Binary;
using System.Collections.Immutable;
using Netabase.Protocol.Paxos;

namespace Netabase.Protocol.Specs.Paxos.Simulation;

/// <summary>
/// A node's state machine: a few registers with write and compare-and-set, beside the bookkeeping that moves in the same transaction;
/// and the bytes of snapshots, which survive a crash.
/// </summary>
internal sealed class SimulatedStore(World world, SimulatedNode node)
{
    private readonly Queue<Delivery> _queue = new();
    private readonly Dictionary<Digest, (byte[] Bytes, SnapshotInfo Info)> _snapshots = [];
    private readonly Dictionary<Digest, byte[]> _coming = [];
    private SortedDictionary<byte, int> _registers = [];
    private Applier? _applier;
    private AppliedState? _stored;
    private long _dutyAt;
    private bool _isBusy;
    private int _life;

    /// <summary>The bookkeeping as stored.</summary>
    public AppliedState Applied => _applier?.State ?? throw new InvalidOperationException("the store is closed");

    /// <summary>What is in a register: 0 for nothing.</summary>
    public int this[byte register] => _registers.GetValueOrDefault(register);

    public void Open()
    {
        var state = _stored ?? AppliedState.Founded(world.Founded, world.Trouble.Settings);
        Laws.Demand(
            AppliedState.TryRead(world.Trouble.Settings, state.WriteHeader(), state.Sessions.WriteRows(), out var read), "a store reads what it wrote");
        _applier = new Applier(read!, OnCommand);
    }

    public void Close()
    {
        _stored = Applied;
        _applier = null;
        _queue.Clear();
        _isBusy = false;
        _life++;
    }

    public void Apply(ImmutableArray<Delivery> deliveries)
    {
        foreach (var delivery in deliveries)
        {
            world.Laws.OnChosen(node, delivery);
            _queue.Enqueue(delivery);
        }

        Begin();
    }

    public void Do(Duty duty)
    {
        var life = node.LifeOf(Part.CatchUp);
        _dutyAt = Math.Max(_dutyAt, world.Now + 1 + world.Chance.Below(5));
        world.At(_dutyAt, () =>
        {
            if (node.IsUp && life == node.LifeOf(Part.CatchUp))
            {
                Fulfil(duty);
            }
        });
    }

    private void Begin()
    {
        if (_isBusy || _queue.Count == 0)
        {
            return;
        }

        _isBusy = true;
        var life = _life;
        world.After(1 + world.Chance.Below(world.Chance.Chance(0.02) ? 100 : 4), () =>
        {
            if (life == _life)
            {
                Transact();
            }
        });
    }

    private void Transact()
    {
        _isBusy = false;
        var commands = ImmutableArray.CreateBuilder<AppliedCommand>();
        var most = 1 + world.Chance.Below(8);
        var moved = false;
        while (most-- > 0 && _queue.TryDequeue(out var delivery))
        {
            // A snapshot was installed over what was under way.
            if (delivery.Slot > Applied.Through)
            {
                commands.AddRange(_applier!.Apply(delivery));
                world.Laws.OnApplied(node, Applied);
                moved = true;
            }
        }

        if (moved)
        {
            node.Tell(Part.Learner, new PaxosInput.Applied(Applied.Through, Applied.Chain, commands.ToImmutable()));
        }

        Begin();
    }

    private Payload OnCommand(Slot slot, long clock, in Command command)
    {
        world.Laws.OnEffect(command.Id, slot);
        var body = RegisterCommand.Read(command.Body);
        var isDone = body.Expected is null || body.Expected == this[body.Register];
        if (isDone)
        {
            _registers[body.Register] = body.Value;
        }

        return Payload.Copy([(byte)(isDone ? 1 : 0)]);
    }

    private void Fulfil(Duty duty)
    {
        switch (duty)
        {
            case Duty.OfferSnapshot offer when Applied.Through >= offer.AtLeast:
                node.Tell(Part.CatchUp, new PaxosInput.SnapshotMade(Make()));
                break;
            case Duty.ReadChunk read:
                var bytes = _snapshots.TryGetValue(read.Id, out var made) ? made.Bytes.AsMemory((int)read.Offset, read.Length) : default;
                node.Tell(Part.CatchUp, new PaxosInput.ChunkRead(read.For, read.Id, read.Offset, new Payload(bytes)));
                break;
            case Duty.ResumeSnapshot resume:
                var here = _coming.TryGetValue(resume.Snapshot.Id, out var some) ? some.Length : 0;
                node.Tell(Part.CatchUp, new PaxosInput.ChunkWritten(resume.Snapshot.Id, here));
                break;
            case Duty.WriteChunk write:
                var before = _coming.TryGetValue(write.Id, out var begun) ? begun : [];
                if (write.Offset == before.Length)
                {
                    _coming[write.Id] = [.. before, .. write.Bytes.Span];
                }

                node.Tell(Part.CatchUp, new PaxosInput.ChunkWritten(write.Id, _coming[write.Id].Length));
                break;
            case Duty.InstallSnapshot install:
                Install(install.Snapshot);
                break;
        }
    }

    private SnapshotInfo Make()
    {
        var state = Applied.Write();
        var bytes = new byte[4 + state.Length + (5 * _registers.Count)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, state.Length);
        state.Span.CopyTo(bytes.AsSpan(4));
        var at = 4 + state.Length;
        foreach (var (register, value) in _registers)
        {
            bytes[at] = register;
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at + 1), value);
            at += 5;
        }

        var info = new SnapshotInfo(Digest.Of(bytes), Applied.Through, bytes.Length);
        while (_snapshots.Count >= 2)
        {
            _snapshots.Remove(_snapshots.MinBy(pair => pair.Value.Info.Through).Key);
        }

        _snapshots[info.Id] = (bytes, info);
        return info;
    }

    private void Install(SnapshotInfo info)
    {
        if (!_coming.Remove(info.Id, out var bytes) || Digest.Of(bytes) != info.Id)
        {
            node.Tell(Part.CatchUp, new PaxosInput.SnapshotBroken(info.Id));
            return;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        Laws.Demand(
            AppliedState.TryRead(world.Trouble.Settings, new Payload(bytes.AsMemory(4, length)), out var state), "a snapshot is read as written");
        if (state!.Through > Applied.Through)
        {
            var registers = new SortedDictionary<byte, int>();
            for (var at = 4 + length; at < bytes.Length; at += 5)
            {
                registers[bytes[at]] = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 1));
            }

            _registers = registers;
            _applier = new Applier(state, OnCommand);
            world.Laws.OnApplied(node, state);
        }

        foreach (var part in (Part[])[Part.Learner, Part.Acceptor, Part.CatchUp])
        {
            node.Tell(part, new PaxosInput.SnapshotInstalled(info.Id, state));
        }
    }
}

/// <summary>The body of a command: a write, or a compare-and-set when something is expected.</summary>
internal readonly record struct RegisterCommand(byte Register, int? Expected, int Value)
{
    public Payload Write()
    {
        var bytes = new byte[10];
        bytes[0] = Register;
        bytes[1] = (byte)(Expected is null ? 0 : 1);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(2), Expected ?? 0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(6), Value);
        return new Payload(bytes);
    }

    public static RegisterCommand Read(Payload bytes) => new(
        bytes.Span[0],
        bytes.Span[1] == 0 ? null : BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[2..]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[6..]));
}
