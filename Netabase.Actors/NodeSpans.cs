using System.Diagnostics;

namespace Netabase.Actors;

/// <summary>Spans of what callers ask a node for, under the activity source <c>Netabase</c>; the caller's own span is their parent.</summary>
public static class NodeSpans
{
    /// <summary>The name of the activity source.</summary>
    public const string SourceName = "Netabase";

    internal static ActivitySource Activities { get; } = new(SourceName);

    /// <summary>Whose records it is about.</summary>
    internal static Activity? On(this Activity? span, ModelSchema schema) =>
        span?.SetTag("netabase.definition", schema.Definition).SetTag("netabase.model", schema.Name);

    /// <summary>Which log it is about.</summary>
    internal static Activity? In(this Activity? span, string group) => span?.SetTag("netabase.group", group);

    /// <summary>What came of it, by the name of the result: one of the closed sets in which every answer of the face is given.</summary>
    internal static TResult Ended<TResult>(this Activity? span, TResult result)
        where TResult : class
    {
        span?.SetTag("netabase.outcome", result.GetType().Name);
        return result;
    }

    /// <summary>How many were found.</summary>
    internal static void Found(this Activity? span, int count) => span?.SetTag("netabase.found", count);
}
