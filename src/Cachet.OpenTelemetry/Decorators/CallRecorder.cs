using System.Diagnostics;

namespace Cachet;

/// <summary>Records the calls on one decorated cache. The call itself runs where its caller made it, while its span is current.</summary>
/// <remarks>No method is <c>async</c> up to the call: what is thrown at once is thrown at once. A task that had ended when it was handed over is handed on
/// itself; of one that goes on, the caller gets another that ends as it did, once the call is recorded.</remarks>
internal sealed class CallRecorder(Decoration decoration, TimeProvider time)
{
    public Decoration Decoration => decoration;

    /// <summary>Begins a call; whoever began it ends it, and leaves it before its caller goes on.</summary>
    public DecoratedCall Begin<TKey>(
        CacheOperation operation, in TKey key, HybridOperation? of = null, CancellationToken cancellationToken = default)
    {
        Activity? before = Activity.Current;
        CacheScope scope = decoration.Tier is { } tier
            ? TierCalls.Begin(tier, operation, key as string)
            : CachetInstrumentation.Instance.BeginOperation(decoration.Cache, operation, in key);
        return new(decoration, operation, time, in scope, before, of, cancellationToken);
    }

    /// <summary>Begins a call that nothing is to be seen of while it runs: what was current stays current, until the call ends.</summary>
    public DecoratedCall BeginUnseen<TKey>(CacheOperation operation, in TKey key)
    {
        DecoratedCall recorded = Begin(operation, in key);
        recorded.Leave();
        return recorded;
    }

    /// <summary>Records a synchronous call that gives something.</summary>
    public TResult Run<TCall, TResult>(
        CacheOperation operation, string key, in TCall call, Func<TCall, TResult> run, Func<TCall, TResult, Answer> answer)
    {
        DecoratedCall recorded = Begin(operation, in key);
        TResult result;
        try
        {
            result = run(call);
        }
        catch (Exception error)
        {
            recorded.Fail(error);
            throw;
        }

        recorded.Complete(answer(call, result));
        return result;
    }

    /// <summary>Records a synchronous call that gives nothing.</summary>
    public void Run<TCall>(CacheOperation operation, string key, in TCall call, Action<TCall> run, in Answer answer)
    {
        DecoratedCall recorded = Begin(operation, in key);
        try
        {
            run(call);
        }
        catch (Exception error)
        {
            recorded.Fail(error);
            throw;
        }

        recorded.Complete(in answer);
    }

    /// <summary>Records a call that gives something.</summary>
    public Task<TResult> RunAsync<TCall, TResult>(
        CacheOperation operation,
        string key,
        in TCall call,
        Func<TCall, Task<TResult>> run,
        Func<TCall, TResult, Answer> answer,
        CancellationToken cancellationToken) =>
        RunAsync(Begin(operation, in key, cancellationToken: cancellationToken), in call, run, answer);

    /// <summary>Records a call that gives nothing.</summary>
    public Task RunAsync<TCall>(
        CacheOperation operation, string key, in TCall call, Func<TCall, Task> run, in Answer answer, CancellationToken cancellationToken) =>
        RunAsync(Begin(operation, in key, cancellationToken: cancellationToken), in call, run, in answer);

    /// <summary>Records a call that has begun, and gives something.</summary>
    public static Task<TResult> RunAsync<TCall, TResult>(
        in DecoratedCall recorded, in TCall call, Func<TCall, Task<TResult>> run, Func<TCall, TResult, Answer> answer)
    {
        Task<TResult> pending = Start(in recorded, in call, run);
        if (pending.IsCompletedSuccessfully)
        {
            recorded.Complete(answer(call, pending.GetAwaiter().GetResult()));
            return pending;
        }

        Task<Task<TResult>> ended = EndAsync(pending, call, recorded, answer);
        recorded.Leave();
        return ended.IsCompleted ? pending : ended.Unwrap();
    }

    /// <summary>Records a call that has begun, and gives nothing.</summary>
    public static Task RunAsync<TCall>(in DecoratedCall recorded, in TCall call, Func<TCall, Task> run, in Answer answer)
    {
        Task pending = Start(in recorded, in call, run);
        if (pending.IsCompletedSuccessfully)
        {
            recorded.Complete(in answer);
            return pending;
        }

        Task<Task> ended = EndAsync(pending, recorded, answer);
        recorded.Leave();
        return ended.IsCompleted ? pending : ended.Unwrap();
    }

    private static TTask Start<TCall, TTask>(in DecoratedCall recorded, in TCall call, Func<TCall, TTask> run)
        where TTask : Task
    {
        try
        {
            return run(call);
        }
        catch (Exception error)
        {
            recorded.Fail(error);
            throw;
        }
    }

    private static async Task<Task<TResult>> EndAsync<TCall, TResult>(
        Task<TResult> pending, TCall call, DecoratedCall recorded, Func<TCall, TResult, Answer> answer)
    {
        try
        {
            recorded.Complete(answer(call, await pending.ConfigureAwait(false)));
        }
        catch (Exception error)
        {
            recorded.Fail(error);
        }

        return pending;
    }

    private static async Task<Task> EndAsync(Task pending, DecoratedCall recorded, Answer answer)
    {
        try
        {
            await pending.ConfigureAwait(false);
            recorded.Complete(in answer);
        }
        catch (Exception error)
        {
            recorded.Fail(error);
        }

        return pending;
    }
}
