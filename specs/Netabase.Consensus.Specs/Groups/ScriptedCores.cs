using Netabase.Actors.Paxos.Groups;
using Netabase.Protocol.Paxos;

namespace Netabase.Consensus.Specs.Groups;

/// <summary>The real cores, each of which a spec can make do something else.</summary>
internal sealed class ScriptedCores
{
    private readonly Dictionary<Part, Func<PaxosInput, Ready?>> _scripts = [];

    public GroupCores Cores => new(
        birth => new Script(this, Part.Proposer, GroupCores.Standard.Proposer(birth)),
        (birth, applied) => new Script(this, Part.Learner, GroupCores.Standard.Learner(birth, applied)),
        birth => new Script(this, Part.Elector, GroupCores.Standard.Elector(birth)),
        birth => new Script(this, Part.CatchUp, GroupCores.Standard.CatchUp(birth)),
        birth => new Script(this, Part.Gateway, GroupCores.Standard.Gateway(birth)));

    /// <summary>What a part does instead; null for what it would do anyway.</summary>
    public void On(Part part, Func<PaxosInput, Ready?> answer)
    {
        lock (_scripts)
        {
            _scripts[part] = answer;
        }
    }

    private Ready? Scripted(Part part, PaxosInput input)
    {
        lock (_scripts)
        {
            return _scripts.GetValueOrDefault(part)?.Invoke(input);
        }
    }

    private sealed class Script(ScriptedCores owner, Part part, IPaxosCore core) : IPaxosCore
    {
        public Ready Step(PaxosInput input, long now) => owner.Scripted(part, input) ?? core.Step(input, now);
    }
}
