namespace Cachet;

/// <summary>How much of an exception goes into the log.</summary>
public enum ExceptionDetail
{
    /// <summary>The full name of its type, as <c>error.type</c>.</summary>
    Type,

    /// <summary>The exception itself too: its message, which stores, serializers and loaders wrote and which may hold keys or values, and its stack trace.</summary>
    Full,
}
