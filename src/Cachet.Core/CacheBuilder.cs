using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

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
    private IConfigurationSection? _configuration;
    private TimeProvider _time;
    private CacheInstrumentation? _instrumentation;
    private LogPlan? _log;
    private TierErrorPolicy _tierErrors;
    private Func<double> _random = Random.Shared.NextDouble;
    private int _maxConcurrentRefreshes = 32;
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

    internal string Name => _name;

    internal TimeProvider Time => _time;

    /// <summary>Whether the cache is called after its types only.</summary>
    internal bool IsUnnamed { get; init; }

    /// <summary>The options of the tiers so far, which may be changed until Build, and the tiers' names.</summary>
    internal IEnumerable<(string Name, ITierOptions Options)> NamedOptions => _tiers.Select(static (plan, i) => (NameOf(plan, i), plan.Options));

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

    /// <summary>Writes the cache's log events to the category <see cref="TelemetryNames.Scope"/>. Called again, it replaces what was set before.</summary>
    /// <param name="loggerFactory">Makes the logger. Cachet never disposes of it.</param>
    /// <param name="configure">Sets severities, and how much of exceptions and keys is written: of exceptions the type, of keys nothing, unless it says
    /// so.</param>
    /// <returns>This builder.</returns>
    /// <remarks>
    /// <para>Independent of event handlers and of OpenTelemetry: any of them works without the others. A logger that throws never breaks a cache operation: the
    /// fault is reported once per type of logger and of exception through the event source <c>Cachet</c>, and the logger is called again.</para>
    /// <para>An event is written while the span of what it tells is current. Not so where a caller had suppressed the flow of its execution context: once the
    /// call went on asynchronously, what is current is whatever its thread has.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException">There is no factory.</exception>
    /// <exception cref="InvalidOperationException">The cache is built already.</exception>
    public CacheBuilder<TKey, TValue> EnableLogs(ILoggerFactory loggerFactory, Action<CacheLogOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(loggerFactory);
        return Set(() => _log = LogPlan.Of(loggerFactory, configure));
    }

    /// <summary>As <see cref="EnableLogs(ILoggerFactory, Action{CacheLogOptions})"/>, with the <see cref="ILoggerFactory"/> of the container that builds
    /// this cache. Where there is none, Build throws.</summary>
    /// <param name="configure">Sets severities, and how much of exceptions and keys is written.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">The cache is built already.</exception>
    public CacheBuilder<TKey, TValue> EnableLogs(Action<CacheLogOptions>? configure = null) => Set(() => _log = LogPlan.Of(null, configure));

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

    /// <summary>What the jitter of lifetimes (<see cref="TierOptions{TKey, TValue}.TimeToLiveJitter"/>) is drawn from. Default: <see cref="Random.Shared"/>.</summary>
    /// <param name="random">The source. It is asked by one thread at a time.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentNullException">There is no source.</exception>
    /// <exception cref="InvalidOperationException">The cache is built already.</exception>
    public CacheBuilder<TKey, TValue> JitterSource(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return Set(() => _random = Draw);

        double Draw()
        {
#pragma warning disable CA5394 // Nothing secret hangs on when an entry expires.
            lock (random) return random.NextDouble();
#pragma warning restore CA5394
        }
    }

    /// <summary>How many background refreshes of this cache run at once at most. Where more are due, a later hit of their keys starts them. Default:
    /// 32.</summary>
    /// <param name="most">The number, 1 or more.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    /// <exception cref="InvalidOperationException">The cache is built already.</exception>
    public CacheBuilder<TKey, TValue> MaxConcurrentRefreshes(int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        return Set(() => _maxConcurrentRefreshes = most);
    }

    /// <summary>Takes options from configuration. They win over those that code sets, whatever the order of calls: operators override.</summary>
    /// <param name="section">The cache's own section, <c>GetSection("Cachet:products")</c>, say. It may be empty where code adds tiers. Read once, at
    /// Build.</param>
    /// <returns>This builder.</returns>
    /// <remarks>
    /// <para>The section holds <c>StampedeProtection</c>, <c>TierErrors</c>, <c>MaxConcurrentRefreshes</c>, and the options of each tier in a section under the tier's name, such as
    /// <c>L1:Capacity</c> and <c>L2:TimeToLive</c>. Upper and lower case are the same. Times are <c>[days.]hours:minutes:seconds</c> or
    /// <c>infinite</c>. What is not data (serializers, predicates) stays in code; of the insert policies, <c>Always</c> and <c>Never</c> can be set.</para>
    /// <para>Where code adds no tier, configuration describes them: <c>L1</c>, <c>L2</c> … in this order, each with its <c>Type</c>: <c>Memory</c>,
    /// or <c>MemoryCache</c> and <c>Distributed</c>, over what is registered in the container.</para>
    /// <para>Whatever in the section names no tier and no option, or is no value for it, is an error at Build.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException">There is no section.</exception>
    /// <exception cref="InvalidOperationException">The cache is built already.</exception>
    public CacheBuilder<TKey, TValue> Configuration(IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return Set(() => _configuration = section);
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
    /// <exception cref="InvalidOperationException">There is no tier; two tiers have one name; a tier's store, key encoder or serializer is missing, or the
    /// log's factory; or the cache is built already.</exception>
    /// <exception cref="ArgumentException">A tier's option makes no sense; the message names the option, its value and the fix.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Configuration says what nobody understands; the failures give the
    /// full path of each key, its value and what is expected.</exception>
    public ICache<TKey, TValue> Build() => BuildCache();

    internal TieredCache<TKey, TValue> BuildCache()
    {
        Set(static () => { }, nameof(Build));
        if (_configuration is not null) CacheConfiguration.Apply(_configuration, this);
        if (_tiers.Count == 0)
        {
            throw new InvalidOperationException($"Cache '{_name}' has no tier. Call Memory(), Distributed(…) or Tier(…) before Build().");
        }

        var descriptor = new CacheDescriptor(_name);
        TierNode<TKey, TValue>[] nodes = [.. _tiers.Select((plan, i) => Node(descriptor, plan, i))];
        CacheLog? log = _log?.Create(_name, _services);
        var observer = new CacheObserver(descriptor, EventHandlers.Combine(_handlers, log), log, _instrumentation, _time);
        foreach (TierNode<TKey, TValue> node in nodes) node.ReportEvictionsTo(observer);
        bool memoryFirst = _tiers[0] is { Kind: TierKind.Memory, IsTransformed: false };
        var pipeline = new TierPipeline<TKey, TValue>(nodes, _tierErrors, _time, writesAtOnce: memoryFirst && nodes.Length == 1);
        _built = true;
        var reads = new ReadThrough<TKey, TValue>(pipeline, _stampedeProtection);
        var refreshes = new RefreshAhead<TKey, TValue>(observer, pipeline, reads, new(_maxConcurrentRefreshes, _time));
        CacheRegistry.Add(descriptor);
        return new(observer, pipeline, reads, refreshes, trustedPrimary: memoryFirst);
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
        if (_tiers.Where((other, i) => i != position && NameOf(other, i).Equals(name, StringComparison.OrdinalIgnoreCase)).Any())
        {
            throw new InvalidOperationException($"Cache '{_name}' has two tiers named '{name}', upper and lower case being the same. Give each a Name of its own, or none.");
        }

        ICacheTier<TKey, TValue> tier = plan.Create(new(_name, name, _time, _services) { IsUnnamed = IsUnnamed });
        Func<long?>? count = tier is ISynchronousTier<TKey, TValue> synchronous ? () => synchronous.Count : null;
        var descriptor = new TierDescriptor(cache, name, position > 0, plan.IsRemote, count);
        TimeSpan timeToLive = plan.Options.TimeToLive ?? plan.DefaultTimeToLive(inFrontOfRemote: _tiers.Skip(position + 1).Any(static t => t.IsRemote));
        plan.Options.ValidateAgainst(timeToLive, _name, name);
        var rules = new LifetimeRules(
            timeToLive, plan.Options.TimeToRefresh, plan.Options.TimeToLiveJitter, plan.IsShared, plan.Options.ClockSkew, plan.Options.Idle);
        return new(descriptor, tier, plan.Policy(), new(_time, rules, _random)) { IsOwn = plan.IsOwn };
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
