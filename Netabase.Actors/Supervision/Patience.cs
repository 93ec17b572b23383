using Netabase.Actors.Settings;

namespace Netabase.Actors.Supervision;

/// <summary>How long children wait before they start again: doubled with each failure in a row, the shortest after a calm.</summary>
internal sealed class Patience(SupervisionSettings settings, TimeProvider time)
{
    private readonly Dictionary<string, (int InARow, long At)> _failures = [];

    public TimeSpan AfterFailureOf(string child)
    {
        var now = time.GetTimestamp();
        var row = _failures.TryGetValue(child, out var last) && time.GetElapsedTime(last.At, now) < settings.CalmAfter ? last.InARow : 0;
        _failures[child] = (row + 1, now);
        var wait = settings.RestartDelayMin.TotalMilliseconds * Math.Pow(2, Math.Min(row, 30));
        return TimeSpan.FromMilliseconds(Math.Min(wait, settings.RestartDelayMax.TotalMilliseconds));
    }
}
