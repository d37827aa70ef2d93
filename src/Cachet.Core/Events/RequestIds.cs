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
