using System.Runtime.CompilerServices;

namespace Netabase.Specs;

/// <summary>Text that somebody has read and found right. With <c>NETABASE_APPROVE=1</c> the file is written anew, to be read again.</summary>
internal static class Approved
{
    public static void Holds(string file, string actual, [CallerFilePath] string caller = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(caller)!, file);
        if (Environment.GetEnvironmentVariable("NETABASE_APPROVE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        Assert.Equal(File.ReadAllText(path), actual, ignoreLineEndingDifferences: true);
    }
}
