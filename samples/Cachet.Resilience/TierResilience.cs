using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Cachet.Resilience;

/// <summary>A pipeline for a tier that callers wait for.</summary>
/// <remarks>Behind the cache there is a loader, so a tier is not worth waiting long for: one time-out or one failure and a second try, and the loader has
/// its turn. Nothing that is refused is tried again.</remarks>
public static class TierResilience
{
    /// <summary>How long the tier may take to answer.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long the tier is left alone once it is given up.</summary>
    public static TimeSpan Break { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Builds the pipeline.</summary>
    /// <param name="clock">The clock for its times.</param>
    /// <returns>The pipeline: retry around the breaker, which is around the time-out.</returns>
    public static ResiliencePipeline Build(TimeProvider clock) => new ResiliencePipelineBuilder { TimeProvider = clock }
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = 1,
            Delay = TimeSpan.Zero, // At once: a caller is waiting.
            ShouldHandle = new PredicateBuilder().Handle<Exception>(static e => e is not (OperationCanceledException or ExecutionRejectedException)),
        })
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            FailureRatio = 0.5,
            MinimumThroughput = 4,
            SamplingDuration = TimeSpan.FromSeconds(10),
            BreakDuration = Break,
        })
        .AddTimeout(new TimeoutStrategyOptions { Timeout = Patience })
        .Build();
}
