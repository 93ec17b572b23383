using System.Globalization;
using System.Text.Json;

namespace Netabase.Linearizability;

/// <summary>A line of a history that is not one, or does not follow from the lines before it.</summary>
public sealed class MalformedHistoryException(int line, string what)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"line {line}: {what}"))
{
    /// <summary>Counted from 1.</summary>
    public int Line { get; } = line;
}

/// <summary>
/// Reads a history as JSON lines: <c>{"process":1,"type":"invoke|ok|fail|info","f":"read|write|cas","key":"k","value":v}</c>.
/// The value of a compare-and-set is <c>[expected, new]</c>. A return may leave out key and value, but for what a read saw;
/// what it repeats has to agree with the invocation. Further members of a line are ignored, and so are empty lines.
/// </summary>
public static class HistoryReader
{
    public static History Read(TextReader text)
    {
        var history = new History();
        var number = 0;
        while (text.ReadLine() is { } line)
        {
            number++;
            if (line.AsSpan().Trim().IsEmpty)
            {
                continue;
            }

            try
            {
                using var json = JsonDocument.Parse(line);
                Add(history, json.RootElement, number);
            }
            catch (JsonException malformed)
            {
                throw new MalformedHistoryException(number, $"not JSON: {malformed.Message}");
            }
        }

        return history;
    }

    private static void Add(History history, JsonElement line, int number)
    {
        if (line.ValueKind != JsonValueKind.Object)
        {
            throw new MalformedHistoryException(number, "not a JSON object");
        }

        if (!line.TryGetProperty("process", out var processElement) || processElement.ValueKind != JsonValueKind.Number
            || !processElement.TryGetInt64(out var process))
        {
            throw new MalformedHistoryException(number, "\"process\" is not an integer");
        }

        var kind = Text(line, "f") switch
        {
            "read" => OperationKind.Read,
            "write" => OperationKind.Write,
            "cas" => OperationKind.CompareAndSet,
            var other => throw new MalformedHistoryException(number, $"\"f\" is {other ?? "missing"}, and none of read, write, cas"),
        };
        switch (Text(line, "type"))
        {
            case "invoke":
                Invoke(history, line, number, process, kind);
                break;
            case "ok":
                Open(history, line, number, process, kind);
                history.Done(process, kind == OperationKind.Read ? history.Value(Canonical(Value(line, number))) : null);
                break;
            case "fail":
                Open(history, line, number, process, kind);
                history.NotDone(process);
                break;
            case "info":
                Open(history, line, number, process, kind);
                history.Unknown(process);
                break;
            case var other:
                throw new MalformedHistoryException(number, $"\"type\" is {other ?? "missing"}, and none of invoke, ok, fail, info");
        }
    }

    private static void Invoke(History history, JsonElement line, int number, long process, OperationKind kind)
    {
        if (history.Open(process) is not null)
        {
            throw new MalformedHistoryException(number, $"process {process} invokes before its last operation returned");
        }

        var key = history.Key(line.TryGetProperty("key", out var named) ? Canonical(named) : "null");
        var (expected, value) = kind switch
        {
            OperationKind.Read => (History.Nothing, History.Nothing),
            OperationKind.Write => (History.Nothing, history.Value(Canonical(Value(line, number)))),
            _ => Pair(history, Value(line, number), number),
        };
        history.Invoke(process, kind, key, expected, value);
    }

    private static void Open(History history, JsonElement line, int number, long process, OperationKind kind)
    {
        if (history.Open(process) is not { } open)
        {
            throw new MalformedHistoryException(number, $"process {process} returns from nothing that it invoked");
        }

        if (open.Kind != kind)
        {
            throw new MalformedHistoryException(number, $"process {process} returns from a {kind} and invoked a {open.Kind}");
        }

        if (line.TryGetProperty("key", out var key) && Canonical(key) != history.KeyText(open.Key))
        {
            throw new MalformedHistoryException(number, $"process {process} returns from key {Canonical(key)} and invoked {history.KeyText(open.Key)}");
        }

        if (kind == OperationKind.Read || !line.TryGetProperty("value", out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        var agrees = kind == OperationKind.Write
            ? history.Value(Canonical(value)) == open.Value
            : Pair(history, value, number) == (open.Expected, open.Value);
        if (!agrees)
        {
            throw new MalformedHistoryException(number, $"process {process} returns from another value than it invoked: {value.GetRawText()}");
        }
    }

    private static (int Expected, int Value) Pair(History history, JsonElement value, int number) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 2
            ? (history.Value(Canonical(value[0])), history.Value(Canonical(value[1])))
            : throw new MalformedHistoryException(number, "the value of a cas is [expected, new]");

    private static JsonElement Value(JsonElement line, int number) => line.TryGetProperty("value", out var value)
        ? value
        : throw new MalformedHistoryException(number, "\"value\" is missing");

    private static string? Text(JsonElement line, string name) =>
        line.TryGetProperty(name, out var element) && element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    // Values are equal when their canonical JSON is: escapes, white space and 1.0 beside 1 make no difference.
    private static string Canonical(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetDecimal(out var number) => (number / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture),
        JsonValueKind.Number => value.GetRawText(),
        _ => JsonSerializer.Serialize(value),
    };
}
