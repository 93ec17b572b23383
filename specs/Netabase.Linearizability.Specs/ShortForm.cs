using System.Globalization;

namespace Netabase.Linearizability.Specs;

/// <summary>
/// A history of one register in short: <c>1?w5 1+w 2?r 2+r5 3?c5,6 3~c</c>. Process, then ? invoke, + ok, - fail, ~ info, then
/// read, write or compare-and-set and its values; _ is null.
/// </summary>
internal static class ShortForm
{
    public static History Read(string text)
    {
        var history = new History();
        var key = history.Key("\"k\"");
        foreach (var token in text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var at = token.IndexOfAny(['?', '+', '-', '~']);
            var process = long.Parse(token.AsSpan(0, at), CultureInfo.InvariantCulture);
            var values = token[(at + 2)..].Split(',').Where(value => value.Length > 0)
                .Select(value => history.Value(value == "_" ? "null" : value)).ToArray();
            switch (token[at], token[at + 1])
            {
                case ('?', 'r'):
                    history.Invoke(process, OperationKind.Read, key);
                    break;
                case ('?', 'w'):
                    history.Invoke(process, OperationKind.Write, key, value: values[0]);
                    break;
                case ('?', _):
                    history.Invoke(process, OperationKind.CompareAndSet, key, values[0], values[1]);
                    break;
                case ('+', 'r'):
                    history.Done(process, values[0]);
                    break;
                case ('+', _):
                    history.Done(process);
                    break;
                case ('-', _):
                    history.NotDone(process);
                    break;
                default:
                    history.Unknown(process);
                    break;
            }
        }

        return history;
    }
}
