namespace CachetTests;

/// <summary>Which of its twin methods a cache is called by.</summary>
public enum Calls
{
    Synchronous,
    Asynchronous,
}
