using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal.Commands;

namespace CachetTests;

/// <summary>A test that says one thing of an interface. What a fixture declares of it, by name, is what it has to come to there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public abstract class FactAttribute(string says) : TestAttribute, IWrapTestMethod
{
    /// <summary>The fact in a sentence, for the page.</summary>
    public string Says => says;

    public TestCommand Wrap(TestCommand command) => new FactCommand(command);
}

/// <summary>A fact that follows from the documentation of the interface: every implementation has to have it.</summary>
public sealed class DocumentedAttribute(string says) : FactAttribute(says);

/// <summary>A fact on which the documentation is silent, so that implementations differ.</summary>
public sealed class ChoiceAttribute(string says, string reason) : FactAttribute(says)
{
    /// <summary>Why Cachet does it like that.</summary>
    public string Reason => reason;
}
