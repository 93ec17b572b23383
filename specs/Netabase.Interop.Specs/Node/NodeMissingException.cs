namespace Netabase.Interop.Node;

/// <summary>The JavaScript side cannot run on this machine; the message says how to get what is missing.</summary>
public sealed class NodeMissingException(string message) : Exception(message);
