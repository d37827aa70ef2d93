namespace Cachet;

/// <summary>A factory that is given to a HybridCache, and what goes with it: the caller's context, and the operation, if that is recorded.</summary>
/// <remarks>A HybridCache may run it on another thread, without the caller's context (Microsoft's does, if the call can be cancelled): it is given that
/// back. Whatever it changes there, as anything else, ends with it.</remarks>
internal readonly struct HybridLoad<TState, T>(
    HybridOperation? operation, ExecutionContext? context, TState state, Func<TState, CancellationToken, ValueTask<T>> factory)
{
    /// <summary>What the HybridCache calls.</summary>
    public static readonly Func<HybridLoad<TState, T>, CancellationToken, ValueTask<T>> Factory = static (load, token) => load.RunAsync(token);

    private ValueTask<T> RunAsync(CancellationToken cancellationToken)
    {
        // Not undone: what the HybridCache does next in this flow, a write to its second level, is for the operation too, even if that has ended by then.
        if (operation is not null && Decoration.AnyTier) HybridOperation.Current = operation;
        if (context is null) return StartAsync(cancellationToken); // The caller had suppressed its flow.
        var run = new InContext(this, cancellationToken);
        ExecutionContext.Run(context, static run => ((InContext)run!).Start(), run);
        return run.Result;
    }

    private ValueTask<T> StartAsync(CancellationToken cancellationToken)
    {
        if (operation is null) return factory(state, cancellationToken);
        HybridOperation? outer = HybridOperation.Current;
        HybridOperation.Current = null; // The factory is its caller's own code.
        RecordedLoad load = operation.BeginLoad(cancellationToken);
        try
        {
            ValueTask<T> loading = factory(state, cancellationToken);
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

    private sealed class InContext(HybridLoad<TState, T> load, CancellationToken cancellationToken)
    {
        public ValueTask<T> Result { get; private set; }

#pragma warning disable CA2012 // Kept for the moment that it takes to get out of the context.
        public void Start() => Result = load.StartAsync(cancellationToken);
#pragma warning restore CA2012
    }
}
