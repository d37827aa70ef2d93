namespace Cachet;

/// <summary>What became of an insert.</summary>
public enum InsertOutcome
{
    /// <summary>Stored: of a cache, in at least one tier.</summary>
    Accepted,

    /// <summary>Not stored: a policy refused it, or it had expired already. Not an error.</summary>
    Rejected,
}
