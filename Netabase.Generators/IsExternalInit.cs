// The compiler wants this type for init accessors; netstandard2.0, which the compiler's plug-ins must target, does not have it.
namespace System.Runtime.CompilerServices;

internal static class IsExternalInit;
