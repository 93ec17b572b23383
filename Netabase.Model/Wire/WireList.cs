namespace Netabase;

/// <summary>Reads one element of a packed list.</summary>
public delegate TElement ElementReader<out TElement>(ref WireReader reader);

/// <summary>What generated code does with lists.</summary>
public static class WireList
{
    /// <summary>Reads a packed list behind what the list already holds: a writer may split a list into several.</summary>
    public static void ReadPacked<TElement>(ref WireReader reader, List<TElement> into, ElementReader<TElement> read)
    {
        ArgumentNullException.ThrowIfNull(into);
        ArgumentNullException.ThrowIfNull(read);
        var outer = reader.BeginLength();
        while (!reader.IsAtEnd)
        {
            into.Add(read(ref reader));
        }

        reader.EndLength(outer);
    }
}
