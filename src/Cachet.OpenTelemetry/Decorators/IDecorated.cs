namespace Cachet;

/// <summary>A decorated cache, or the registration of one: decorated again, it stays what it is.</summary>
internal interface IDecorated
{
    Decoration Decoration { get; }
}
