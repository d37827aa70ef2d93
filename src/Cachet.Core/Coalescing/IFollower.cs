namespace Cachet;

/// <summary>Who waits for a flight, as the flight sees it. All but <see cref="Arrive"/> is the flight's alone, and guarded by its gate.</summary>
internal interface IFollower
{
    IFollower? Next { get; set; }

    IFollower? Previous { get; set; }

    bool HasLeft { get; set; }

    /// <summary>The flight has ended.</summary>
    void Arrive();
}
