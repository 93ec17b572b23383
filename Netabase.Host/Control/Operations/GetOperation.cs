using System.Text.Json;
using System.Text.Json.Serialization;

namespace Netabase.Host.Control.Operations;

/// <summary>A record, or the lack of one.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Found">Whether it was found.</param>
/// <param name="Text">Its bytes as text; null when they are not UTF-8.</param>
/// <param name="Value">Its bytes; base64 in JSON.</param>
/// <param name="Source">Where from: <c>local</c>, <c>network</c> or <c>consensus</c>.</param>
/// <param name="Complete">False when the deadline ended the search, so that a newer record may exist.</param>
/// <param name="PeersAsked">How many peers answered; null for a local record.</param>
/// <param name="Publisher">Who wrote it; null for a record that never left the node.</param>
/// <param name="Clock">When it was written, by its publisher's hybrid clock.</param>
/// <param name="ExpiresAt">Unix milliseconds at which it is gone; null for never.</param>
internal sealed record GetDone(
    string Key,
    bool Found,
    string? Text = null,
    byte[]? Value = null,
    string? Source = null,
    bool Complete = true,
    int? PeersAsked = null,
    string? Publisher = null,
    string? Clock = null,
    long? ExpiresAt = null);

internal sealed class GetOperation() : ControlOperation<KeyArgs, GetDone>("get", SharedJson.Default.KeyArgs, GetJson.Default.GetDone)
{
    protected override async Task<GetDone> RunAsync(KeyArgs args, ControlCall call, CancellationToken cancellation) =>
        Done(args.Key, await call.Node.GetRecordAsync(args.Record, cancellation).ConfigureAwait(false));

    /// <summary>The same form for every way to get a record.</summary>
    internal static GetDone Done(string key, GetResult<KeyValue.Entry> result) => result switch
    {
        GetResult<KeyValue.Entry>.Found found => Of(found.Record) with
        {
            Source = found.Source.ToString().ToLowerInvariant(),
            Publisher = found.Metadata.Publisher?.ToString(),
            Clock = found.Metadata.Clock.ToString(),
            ExpiresAt = found.Metadata.ExpiresAt,
        },
        GetResult<KeyValue.Entry>.NotFound none => new GetDone(key, Found: false, PeersAsked: none.PeersAsked),
        GetResult<KeyValue.Entry>.TimedOut { Best: { } best } late => Of(best) with { Source = "network", Complete = false, PeersAsked = late.PeersAsked },
        GetResult<KeyValue.Entry>.TimedOut late => new GetDone(key, Found: false, Complete: false, PeersAsked: late.PeersAsked),
        GetResult<KeyValue.Entry>.Refused refused => throw ControlException.Refused(refused.Reason, refused.Detail),
        _ => throw Outcomes.Busy(),
    };

    private static GetDone Of(KeyValue.Entry entry) =>
        new(entry.Name, Found: true, Outcomes.Text(entry.Value.Span), entry.Value.Memory.ToArray());
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(GetDone))]
internal sealed partial class GetJson : JsonSerializerContext;
