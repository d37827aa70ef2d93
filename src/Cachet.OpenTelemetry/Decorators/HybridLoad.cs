namespace Cachet;

/// <summary>A factory that is given to a HybridCache, and what goes with it: the caller's context, and the operation, if that is recorded.</summary>
/// <remarks>
/// <para>A HybridCache may run it on another thread, without the caller's context (Microsoft's does, if the call can be cancelled): it is given that
/// back. Whatever it changes there, as anything else, ends with it.</para>
/// <para>It is the state of the call that is passed on. Its type does not name that of the caller's state: a HybridCache over another would make types of
/// types without end, and compilers ahead of time would give up.</para>
/// </remarks>
internal readonly struct HybridLoad<T>
{
    /// <summary>What the HybridCache calls.</summary>
    public static readonly Func<HybridLoad<T>, CancellationToken, ValueTask<T>> Factory = static (load, token) => load.RunAsync(token);

    private readonly HybridOperation? _operation;
    private readonly ExecutionContext? _context;
    private readonly object? _state;
    private readonly Delegate _factory;
    private readonly Func<HybridLoad<T>, CancellationToken, ValueTask<T>> _call;

    private HybridLoad(
        HybridOperation? operation,
        ExecutionContext? context,
        object? state,
        Delegate factory,
        Func<HybridLoad<T>, CancellationToken, ValueTask<T>> call)
    {
        _operation = operation;
        _context = context;
        _state = state;
        _factory = factory;
        _call = call;
    }

    /// <summary>Puts it together.</summary>
    /// <param name="operation">The operation; <see langword="null"/> if nobody records it.</param>
    /// <param name="context">What the factory runs in; <see langword="null"/> for wherever the HybridCache runs it.</param>
    /// <param name="state">The factory's state.</param>
    /// <param name="factory">The factory.</param>
    public static HybridLoad<T> Of<TState>(
        HybridOperation? operation, ExecutionContext? context, TState state, Func<TState, CancellationToken, ValueTask<T>> factory) =>
        new(
            operation,
            context,
            state,
            factory,
            static (load, token) => ((Func<TState, CancellationToken, ValueTask<T>>)load._factory)((TState)load._state!, token));

    private ValueTask<T> RunAsync(CancellationToken cancellationToken)
    {
        // Not undone: what the HybridCache does next in this flow, a write to its second level, is for the operation too, even if that has ended by then.
        if (_operation is not null && Decoration.AnyTier) HybridOperation.Current = _operation;
        if (_context is null) return StartAsync(cancellationToken); // Not needed, or the caller had suppressed its flow.
        var run = new InContext(this, cancellationToken);
        ExecutionContext.Run(_context, static run => ((InContext)run!).Start(), run);
        return run.Result;
    }

    private ValueTask<T> StartAsync(CancellationToken cancellationToken)
    {
        if (_operation is null) return _call(this, cancellationToken);
        HybridOperation? outer = HybridOperation.Current;
        HybridOperation.Current = null; // The factory is its caller's own code.
        RecordedLoad load = _operation.BeginLoad(cancellationToken);
        try
        {
            ValueTask<T> loading = _call(this, cancellationToken);
            if (!loading.IsCompletedSuccessfully) return EndAsync(loading, load);
            T value = loading.GetAwaiter().GetResult();
            load.Complete();
            return new(value);
        }
        catch (Exception error)
        {
            load.Fail(error);
            throw;
        }
        finally
        {
            load.Leave();
            HybridOperation.Current = outer;
        }
    }

    private static async ValueTask<T> EndAsync(ValueTask<T> loading, RecordedLoad load)
    {
        T value;
        try
        {
            value = await loading.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            load.Fail(error);
            throw;
        }

        load.Complete();
        return value;
    }

    private sealed class InContext(HybridLoad<T> load, CancellationToken cancellationToken)
    {
        public ValueTask<T> Result { get; private set; }

#pragma warning disable CA2012 // Kept for the moment that it takes to get out of the context.
        public void Start() => Result = load.StartAsync(cancellationToken);
#pragma warning restore CA2012
    }
}
