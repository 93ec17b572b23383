using System.Text.Json;
using System.Text.Json.Serialization;

namespace Netabase.Host.Control.Operations;

/// <summary>Which of the local records; in the order of their names.</summary>
/// <param name="Prefix">Only names that begin so; null for all.</param>
/// <param name="Limit">At most so many; null for all.</param>
internal sealed record QueryArgs(string? Prefix = null, int? Limit = null);

/// <summary>The end of a query.</summary>
/// <param name="Records">How many were sent.</param>
internal sealed record QueryDone(long Records);

internal sealed class QueryOperation() : ControlOperation<QueryArgs, QueryDone>("query", QueryJson.Default.QueryArgs, QueryJson.Default.QueryDone)
{
    protected override async Task<QueryDone> RunAsync(QueryArgs args, ControlCall call, CancellationToken cancellation)
    {
        var query = ModelQuery<KeyValue.Entry>.All;
        if (args.Prefix is { Length: > 0 } prefix)
        {
            query = query with { Range = KeyRange.StartingWith(new Payload(System.Text.Encoding.UTF8.GetBytes(prefix))) };
        }

        query = args.Limit is { } limit ? query.Take(limit) : query;
        var sent = 0L;
        await foreach (var entry in call.Node.Records<KeyValue.Entry>().IterateAsync(query, cancellation).ConfigureAwait(false))
        {
            await call.SendAsync(EntryItem.Of(entry), QueryJson.Default.EntryItem).ConfigureAwait(false);
            sent++;
        }

        return new QueryDone(sent);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(QueryArgs))]
[JsonSerializable(typeof(QueryDone))]
[JsonSerializable(typeof(EntryItem))]
internal sealed partial class QueryJson : JsonSerializerContext;
