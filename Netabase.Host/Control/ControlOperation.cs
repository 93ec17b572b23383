using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Netabase.Host.Control.Operations;

namespace Netabase.Host.Control;

/// <summary>Something that a client may ask of a node. It has no state; each file of <c>Operations</c> holds one with its arguments and results.</summary>
internal abstract class ControlOperation(string name)
{
    /// <summary>Every operation there is.</summary>
    public static IReadOnlyList<ControlOperation> All { get; } =
    [
        new PutOperation(), new GetOperation(), new RemoveOperation(), new QueryOperation(), new WatchOperation(),
        new IdOperation(), new PeersOperation(), new RoutesOperation(), new ForgetOperation(), new PingOperation(),
        new ProvideOperation(), new ProvidersOperation(),
        new CommitOperation(), new ReadOperation(), new GroupsOperation(), new ChangeOperation(), new TransferOperation(), new LogOperation(),
    ];

    /// <summary>The name in a request.</summary>
    public string Name { get; } = name;

    /// <summary>Does it, and returns what stands in <c>done</c>.</summary>
    /// <exception cref="ControlException">It was not done, and the client is to be told why.</exception>
    public abstract Task<JsonElement> RunAsync(ControlCall call, CancellationToken cancellation);
}

/// <summary>An operation with typed arguments and a typed result.</summary>
internal abstract class ControlOperation<TArgs, TResult>(string name, JsonTypeInfo<TArgs> args, JsonTypeInfo<TResult> result) : ControlOperation(name)
    where TArgs : class
    where TResult : class
{
    public sealed override async Task<JsonElement> RunAsync(ControlCall call, CancellationToken cancellation)
    {
        TArgs typed;
        try
        {
            typed = call.Args.Deserialize(args) ?? throw new ControlException(ControlErrorCode.Malformed, $"{Name} needs arguments.");
        }
        catch (JsonException wrong)
        {
            throw new ControlException(ControlErrorCode.Malformed, $"The arguments of {Name} are wrong: {wrong.Message}", wrong);
        }

        return JsonSerializer.SerializeToElement(await RunAsync(typed, call, cancellation).ConfigureAwait(false), result);
    }

    protected abstract Task<TResult> RunAsync(TArgs args, ControlCall call, CancellationToken cancellation);
}

/// <summary>No arguments, or nothing to say.</summary>
internal sealed record Nothing
{
    public static readonly Nothing Instance = new();
}

/// <summary>One request under way.</summary>
/// <param name="Node">Whom it asks.</param>
/// <param name="Args">The request's arguments.</param>
/// <param name="Send">Sends one item of the result.</param>
internal sealed record ControlCall(INetabase Node, JsonElement Args, Func<JsonElement, ValueTask> Send)
{
    /// <summary>Sends one item of the result.</summary>
    public ValueTask SendAsync<T>(T item, JsonTypeInfo<T> type) => Send(JsonSerializer.SerializeToElement(item, type));
}
