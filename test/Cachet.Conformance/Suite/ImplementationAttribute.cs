using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace CachetTests;

/// <summary>Runs a suite on an implementation, in every way that the fixture's constructor lets it be used, without the facts that are not to be
/// run.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ImplementationAttribute(string name, Type of) : NUnitAttribute, IFixtureBuilder
{
    /// <summary>What the page calls it.</summary>
    public string Name => name;

    /// <summary>A type of its assembly.</summary>
    public Type Of => of;

    public IEnumerable<TestSuite> BuildFrom(ITypeInfo typeInfo)
    {
        var implementation = new Implementation(typeInfo.Type);
        foreach (object[] arguments in Arguments(typeInfo.Type))
        {
            foreach (TestSuite suite in new TestFixtureAttribute(arguments).BuildFrom(typeInfo))
            {
                foreach (ITest test in suite.Tests.Where(t => !implementation.Of(t.MethodName!).IsRun).ToArray()) suite.Tests.Remove(test);
                yield return suite;
            }
        }
    }

    /// <summary>Each value of the constructor's parameters, all of them enumerations, with each of the others.</summary>
    private static IEnumerable<object[]> Arguments(Type fixture) => fixture.GetConstructors().Single().GetParameters().Aggregate(
        (IEnumerable<object[]>)[[]],
        static (all, parameter) =>
            from some in all from one in Enum.GetValues(parameter.ParameterType).Cast<object>() select some.Append(one).ToArray());
}
