using System.Security.Cryptography;
using System.Text;

namespace Netabase.Persistence.Consensus;

/// <summary>Names of journals in configuration.</summary>
public static class JournalNames
{
    /// <summary>The path below which a journal's plugins stand. Another place is another path, since plugins live as long as their actor system.</summary>
    /// <param name="place">What tells the journal from every other, such as its connection string and its group.</param>
    public static string RootOf(string place)
    {
        ArgumentNullException.ThrowIfNull(place);
        return $"netabase-journals.j{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(place)).AsSpan(0, 10))}";
    }

    /// <summary>A configuration's text value.</summary>
    public static string Quote(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>Refuses what is no group's name.</summary>
    /// <exception cref="ArgumentException">Empty, longer than 64, or with other characters than letters, digits, <c>-</c> and <c>_</c>.</exception>
    public static void CheckGroup(string group)
    {
        ArgumentException.ThrowIfNullOrEmpty(group);
        if (group.Length > 64 || !group.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            throw new ArgumentException($"\"{group}\" names no group: 1 to 64 letters, digits, '-' and '_' do", nameof(group));
        }
    }
}
