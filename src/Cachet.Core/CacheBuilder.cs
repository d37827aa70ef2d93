using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;

namespace Cachet;

/// <summary>Puts a cache together. The order of calls matters for tiers only: the first is the primary, every later one a fallback.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <remarks>Not safe for use from several threads, and frozen once <see cref="Build"/> was called. Options are checked at Build.</remarks>
public sealed class CacheBuilder<TKey, TValue>
    where TKey : notnull
{
    private readonly string _name;
    private readonly IServiceProvider? _services;
    private readonly List<TierPlan<TKey, TValue>> _tiers = [];
    private readonly List<ICacheEventHandler> _handlers = [];
    private TimeProvider _time;
    private CacheInstrumentation? _instrumentation;
    private TierErrorPolicy _tierErrors;
    private bool _stampedeProtection = true;
    private bool _built;
    private bool _tiersOnly;

    internal CacheBuilder(string name, IServiceProvider? services = null)
    {
        CacheNames.Check(name, nameof(name));
        _name = name;
        _services = services;
        _time = services?.GetService<TimeProvider>() ?? TimeProvider.System;
    }

    /// <summary>Adds a tier of one's own.</summary>
    /// <param name="tier">The tier. Cachet never disposes of it.</param>
    /// <param name="configure">Sets its options.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentNullException">There is no tier.</exception>
    /// <exception cref="InvalidOperationException">The cache is built already.</exception>
    public CacheBuilder<TKey, TValue> Tier(ICacheTier<TKey, TValue> tier, Action<TierOptions<TKey, TValue>>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(tier);
        var options = new TierOptions<TKey, TValue>();
        configure?.Invoke(options);
        return Add(new(options, _ => tier, TierKind.Custom));
    }

    /// <summary>Whether concurrent callers of a key share one lookup and one load. On unless switched off.</summary>
    /// <param name="enabled">Whether they do.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">The cache is built already.</exception>
    public CacheBuilder<TKey, TValue> StampedeProtection(bool enabled = true) => Set(() => _stampedeProtection = enabled);

    /// <summary>Adds a handler of the cache's events. Several are called in the order in which they were added.</summary>
    /// <param name="handler">The handler.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentNullException">There is no handler.</exception>
    /// <exception cref="InvalidOperationException">The cache is built already.</exception>
    public CacheBuilder<TKey, TValue> EventHandler(ICacheEventHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Set(() => _handlers.Add(handler));
    }

    /// <summary>What to do about a tier that fails. Default: <see cref="TierErrorPolicy.Absorb"/>.</summary>
    /// <param name="policy">The policy.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No such policy.</exception>
    /// <exception cref="InvalidOperationException">The cache is built already.</exception>
    public CacheBuilder<TKey, TValue> TierErrors(TierErrorPolicy policy)
    {
        if (!Enum.IsDefined(policy)) throw new ArgumentOutOfRangeException(nameof(policy), policy, "Give TierErrorPolicy.Absorb or TierErrorPolicy.Throw.");
        return Set(() => _tierErrors = policy);
    }

    /// <summary>The clock for lifetimes and durations. Default: the container's <see cref="TimeProvider"/>, if there is one, else the system's.</summary>
    /// <param name="time">The clock.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentNullException">There is no clock.</exception>
    /// <exception cref="InvalidOperationException">The cache is built already.</exception>
    public CacheBuilder<TKey, TValue> Clock(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return Set(() => _time = time);
    }

    /// <summary>Attaches an instrumentation to this cache alone. <see cref="CacheInstrumentation.Attach"/> attaches one to all caches; an
    /// instance that is attached both ways records every operation once.</summary>
    /// <param name="instrumentation">The instrumentation.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentNullException">There is no instrumentation.</exception>
    /// <exception cref="InvalidOperationException">The cache is built already.</exception>
    public CacheBuilder<TKey, TValue> Instrumentation(CacheInstrumentation instrumentation)
    {
        ArgumentNullException.ThrowIfNull(instrumentation);
        return Set(() => _instrumentation = CompositeInstrumentation.Of(_instrumentation is null ? [instrumentation] : [_instrumentation, instrumentation]));
    }

    /// <summary>Builds the cache and freezes this builder.</summary>
    /// <returns>The cache. Disposing it disposes of what Cachet created, never of stores and tiers that were handed in.</returns>
    /// <exception cref="InvalidOperationException">There is no tier; two tiers have one name; a tier's store, key encoder or serializer is missing;
    /// or the cache is built already.</exception>
    /// <exception cref="ArgumentException">A tier's option makes no sense; the message names the option, its value and the fix.</exception>
    public ICache<TKey, TValue> Build() => BuildCache();

    internal TieredCache<TKey, TValue> BuildCache()
    {
        Set(static () => { }, nameof(Build));
        if (_tiers.Count == 0)
        {
            throw new InvalidOperationException($"Cache '{_name}' has no tier. Call Memory(), Distributed(…) or Tier(…) before Build().");
        }

        var descriptor = new CacheDescriptor(_name);
        TierNode<TKey, TValue>[] nodes = [.. _tiers.Select((plan, i) => Node(descriptor, plan, i))];
        var observer = new CacheObserver(descriptor, EventHandlers.Combine(_handlers), _instrumentation, _time);
        bool memoryFirst = _tiers[0] is { Kind: TierKind.Memory, IsTransformed: false };
        var pipeline = new TierPipeline<TKey, TValue>(nodes, _tierErrors, _time, writesAtOnce: memoryFirst && nodes.Length == 1);
        _built = true;
        return new(observer, pipeline, new(pipeline, _stampedeProtection), trustedPrimary: memoryFirst);
    }

    /// <summary>Adds a tier, as the tiers' own extensions do.</summary>
    internal CacheBuilder<TKey, TValue> Add(TierPlan<TKey, TValue> plan)
    {
        ThrowIfBuilt();
        _tiers.Add(plan);
        return this;
    }

    /// <summary>What a boundary's tiers are added to: a builder that takes nothing else.</summary>
    internal CacheBuilder<TStoreKey, TStoreValue> Behind<TStoreKey, TStoreValue>()
        where TStoreKey : notnull
    {
        ThrowIfBuilt();
        return new(_name) { _tiersOnly = true };
    }

    /// <summary>The tiers of a boundary, once all are there; freezes the builder that took them.</summary>
    internal IReadOnlyList<TierPlan<TKey, TValue>> TakeTiers()
    {
        _built = true;
        return _tiers.Count > 0
            ? _tiers
            : throw new InvalidOperationException($"A Transform of cache '{_name}' has no tier behind it. Add at least one, Memory() or Distributed(…) say.");
    }

    private TierNode<TKey, TValue> Node(CacheDescriptor cache, TierPlan<TKey, TValue> plan, int position)
    {
        string name = NameOf(plan, position);
        plan.Options.Validate(_name, name);
        if (_tiers.Where((other, i) => i != position && NameOf(other, i) == name).Any())
        {
            throw new InvalidOperationException($"Cache '{_name}' has two tiers named '{name}'. Give each a Name of its own, or none.");
        }

        ICacheTier<TKey, TValue> tier = plan.Create(new(_name, name, _time, _services));
        Func<long?>? count = tier is ISynchronousTier<TKey, TValue> synchronous ? () => synchronous.Count : null;
        var descriptor = new TierDescriptor(cache, name, position > 0, plan.IsRemote, count);
        TimeSpan timeToLive = plan.Options.TimeToLive ?? plan.DefaultTimeToLive(inFrontOfRemote: _tiers.Skip(position + 1).Any(static t => t.IsRemote));
        return new(descriptor, tier, plan.Policy(), new(_time, timeToLive, plan.IsShared, plan.Options.ClockSkew));
    }

    private static string NameOf(TierPlan<TKey, TValue> plan, int position) => plan.Options.Name ?? $"l{position + 1}";

    private CacheBuilder<TKey, TValue> Set(Action change, [CallerMemberName] string member = "")
    {
        ThrowIfBuilt();
        if (_tiersOnly)
        {
            throw new InvalidOperationException(
                $"{member} is for a whole cache, and behind a Transform there are tiers only: call it on the builder of cache '{_name}' itself.");
        }

        change();
        return this;
    }

    private void ThrowIfBuilt()
    {
        if (_built) throw new InvalidOperationException($"Cache '{_name}' is built: a builder builds one cache and is frozen then.");
    }
}
