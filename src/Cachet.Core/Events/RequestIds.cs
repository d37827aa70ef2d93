namespace Cachet;

/// <summary>Ids of operations, unique in the process. Drawn in blocks per thread, so that cores do not share a counter.</summary>
internal static class RequestIds
{
    private const long Block = 1_024;

    private static long _lastOfLastBlock;

    [ThreadStatic]
    private static long _last;

    [ThreadStatic]
    private static long _end;

    [ThreadStatic]
    private static long _current;

    /// <summary>The id of the operation whose call on a tier runs on this thread right now; 0 where there is none.</summary>
    public static long Current => _current;

    /// <summary>A call on a tier begins, for as long as it stays on this thread. Returns what <see cref="Leave"/> has to be given.</summary>
    public static long Enter(long requestId)
    {
        long outer = _current;
        _current = requestId;
        return outer;
    }

    public static void Leave(long outer) => _current = outer;

    public static long Next()
    {
        if (_last == _end)
        {
            _end = Interlocked.Add(ref _lastOfLastBlock, Block);
            _last = _end - Block;
        }

        return ++_last;
    }
}
