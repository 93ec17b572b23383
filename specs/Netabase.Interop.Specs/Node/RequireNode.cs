namespace Netabase.Interop.Node;

/// <summary>Decides what the absence of Node.js means: a spec that is skipped by name, or, where it is required, a failure.</summary>
public static class RequireNode
{
    /// <summary>Whether the environment forbids skipping: in CI, or by <c>NETABASE_REQUIRE_NODE=1</c>.</summary>
    public static bool IsRequired =>
        Environment.GetEnvironmentVariable("NETABASE_REQUIRE_NODE") == "1"
        || string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>The runtime; without one the spec is skipped with the sentence that says how to get it.</summary>
    public static async Task<NodeRuntime> GetAsync()
    {
        try
        {
            return await NodeRuntime.GetAsync();
        }
        catch (NodeMissingException missing) when (!IsRequired)
        {
            Skip.If(true, missing.Message);
            throw;
        }
    }
}
