using System.Globalization;
using Netabase.Protocol.Paxos;

namespace Netabase.Protocol.Specs.Paxos.Scenarios;

/// <summary>
/// Reads a play line by line and performs it. What is done and what is to be seen are listed in specs/scenarios/README.md; a line that
/// is not understood fails the play, so that none passes for want of a reader.
/// </summary>
internal sealed class PlayScript
{
    private Play? _play;
    private PaxosSettings _settings = PaxosSamples.Settings with { SessionsMax = 100 };
    private int _window = 4;
    private bool _hasElectors;
    private int _seen;

    private Play Stage => _play ?? throw new InvalidOperationException("a play begins with its nodes");

    public static void Perform(string path)
    {
        var script = new PlayScript();
        var number = 0;
        foreach (var raw in File.ReadLines(path))
        {
            number++;
            var line = raw.Split('#')[0].Trim();
            if (line.Length == 0)
            {
                continue;
            }

            try
            {
                script.Perform(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            }
            catch (Exception wrong) when (wrong is not OutOfMemoryException)
            {
                Assert.Fail($"{Path.GetFileName(path)}:{number}: {line}\n{wrong.Message}");
            }
        }

        Assert.True(script._seen > 0, "a play in which nothing is to be seen proves nothing");
    }

    private void Perform(string[] words)
    {
        switch (words)
        {
            case ["lease", var time]:
                _settings = _settings with { LeaseDuration = Number(time) };
                break;
            case ["keep", var slots]:
                _settings = _settings with { KeepSlots = (int)Number(slots), LogBytesMax = 200 };
                break;
            case ["window", var slots]:
                _window = (int)Number(slots);
                break;
            case ["electors"]:
                _hasElectors = true;
                break;
            case ["nodes", .. var names]:
                _play = new Play([.. names], _settings, _window, _hasElectors);
                break;
            case ["see", .. var rest]:
                _seen++;
                PlaySight.See(Stage, rest);
                break;
            case ["wait", var time]:
                Stage.Wait(Number(time));
                break;
            default:
                Act(words);
                Stage.Run();
                break;
        }
    }

    private void Act(string[] words)
    {
        switch (words)
        {
            case ["cut", var one, "-", .. var others]:
                Array.ForEach(others, other => Cut(one, other));
                break;
            case ["cut", var from, "->", .. var others]:
                Array.ForEach(others, other => Stage.Cut(from, other));
                break;
            case ["mend"]:
                Stage.Mend();
                break;
            case ["mend", var one, "-", var other]:
                Stage.Mend(one, other);
                break;
            case ["hold", var kind, var from, "->", var to]:
                Stage.Stop(kind, from, to, isHeld: true);
                break;
            case ["lose", var kind, var from, "->", var to]:
                Stage.Stop(kind, from, to, isHeld: false);
                break;
            case ["release"]:
                Stage.Release();
                break;
            case ["new", var name]:
                Stage.Add(name);
                break;
            default:
                Act(words[0], words[1..]);
                break;
        }
    }

    private void Act(string name, string[] words)
    {
        var node = Stage.Nodes.GetValueOrDefault(name) ?? throw new InvalidOperationException("who is that?");
        switch (words)
        {
            case ["stands"]:
                node.Step(Part.Elector, new PaxosInput.Stand(Ballot.None, Ballot.None));
                break;
            case ["stands", "with", var number]:
                node.Step(Part.Elector, new PaxosInput.Stand(new Ballot((ulong)Number(number), node.Id), Ballot.None));
                break;
            case ["puts", var text]:
                Stage.Put(name, text, isRetry: false);
                break;
            case ["puts", var text, "again"]:
                Stage.Put(name, text, isRetry: true);
                break;
            case ["reads", var read]:
                Stage.Read(name, read, new ReadKind.Linearizable());
                break;
            case ["reads", var read, "not", "older", "than", var age]:
                Stage.Read(name, read, new ReadKind.Stale(Number(age)));
                break;
            case ["changes", var config, .. var change]:
                Stage.Put(name, string.Join('-', change), false, true, Change(new ConfigId((ulong)Number(config)), change));
                break;
            case ["transfers", "to", var other]:
                node.Step(Part.Gateway, new PaxosInput.MakeWay(Play.IdOf(other), Stage.Now + 5_000));
                break;
            case ["installs", "the", "snapshot", "of", var other]:
                node.Install(Stage.Nodes[other]);
                break;
            case ["is", "told", "that", var text, "is", "chosen", "in", var slot]:
                var batch = Batch.Of([PaxosSamples.CommandOf(1, PaxosSamples.Client(1), 0, (byte)text[0])], 1);
                node.Receive(Play.IdOf("A"), new PaxosMessage.Commit(new Slot((ulong)Number(slot)), [batch], new Slot((ulong)Number(slot)), new Slot(1)));
                break;
            default:
                Befall(node, words);
                break;
        }
    }

    private void Befall(PlayNode node, string[] words)
    {
        switch (words)
        {
            case ["crashes"]:
                node.Crash();
                break;
            case ["loses", "its", "disk"]:
                node.Crash();
                Stage.Nodes.Remove(node.Name);
                break;
            case ["starts"]:
                node.Start();
                break;
            case ["restarts", "its", var part]:
                node.Restart(Enum.Parse<Part>(part));
                break;
            case ["has", "a", "slow", "disk"]:
                node.SlowDown(true);
                break;
            case ["has", "a", "fast", "disk"]:
                node.SlowDown(false);
                break;
            case ["stalls"]:
                node.Stall(true);
                break;
            case ["goes", "on"]:
                node.Stall(false);
                break;
            case ["abstains"]:
                node.IsAbstaining = true;
                break;
            default:
                throw new InvalidOperationException("what is that?");
        }
    }

    private void Cut(string one, string other)
    {
        Stage.Cut(one, other);
        Stage.Cut(other, one);
    }

    private static MembershipChange Change(ConfigId expected, string[] words) => words switch
    {
        ["add", var name] => new MembershipChange.AddLearner(expected, PaxosSamples.MemberOf(Play.IdOf(name))),
        ["promote", var name] => new MembershipChange.Promote(expected, Play.IdOf(name)),
        ["remove", var name] => new MembershipChange.Remove(expected, Play.IdOf(name)),
        _ => throw new InvalidOperationException("what change is that?"),
    };

    private static long Number(string word) => long.Parse(word, CultureInfo.InvariantCulture);
}
