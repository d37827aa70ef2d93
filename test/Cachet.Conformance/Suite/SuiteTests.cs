using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Commands;

namespace CachetTests;

/// <summary>The suites themselves: what is declared is what has to happen.</summary>
public class SuiteTests
{
    [Test]
    public void Fact_NothingDeclared_ComesToWhatItComesTo()
    {
        Assert.That(Run(nameof(Example.Plain), Succeed).ResultState, Is.EqualTo(ResultState.Success));
        Assert.That(() => Run(nameof(Example.Plain), static () => throw new IOException()), Throws.InstanceOf<IOException>());
    }

    [Test]
    public void Fact_DeclaredDeviation_HasToOccur()
    {
        TestResult occurs = Run(nameof(Example.Deviant), static () => throw new IOException("It did."));
        TestResult fails = Run(nameof(Example.Deviant), static () => ResultState.Failure);
        TestResult gone = Run(nameof(Example.Deviant), Succeed);

        Assert.That(occurs.ResultState, Is.EqualTo(ResultState.Success));
        Assert.That(occurs.Message, Is.EqualTo("Deviates, as is known: It does otherwise. It did."));
        Assert.That(fails.ResultState, Is.EqualTo(ResultState.Success));
        Assert.That(gone.ResultState, Is.EqualTo(ResultState.Failure));
        Assert.That(gone.Message, Does.StartWith("'Deviant' is listed as a deviation of Example, and does not occur any more"));
    }

    [Test]
    public void Declared_AsAnotherFixture_IsThatAndItsOwn()
    {
        var implementation = new Implementation(typeof(Other));

        Assert.That(implementation.Of(nameof(Example.Deviant)), Is.EqualTo(new Standing(Verdict.Deviates, "It does otherwise.")));
        Assert.That(implementation.Of(nameof(Example.Plain)), Is.EqualTo(new Standing(Verdict.NotApplicable, "It has none.")));
        Assert.That(new Implementation(typeof(Example)).Of(nameof(Example.Plain)), Is.EqualTo(Standing.Passes));
    }

    [Test]
    public void Suite_OfAnImplementation_IsBuiltForEveryUseWithoutWhatIsNotRun()
    {
        TestSuite[] suites = [.. new ImplementationAttribute("", typeof(object)).BuildFrom(new TypeWrapper(typeof(RedisCacheTests)))];

        Assert.That(suites.Select(static s => s.Name), Is.EqualTo(
            from form in Enum.GetNames<Form>() from calls in Enum.GetNames<Calls>() select $"{nameof(RedisCacheTests)}({form},{calls})"));
        foreach (TestSuite suite in suites)
        {
            Assert.That(suite.Tests.Select(static t => t.MethodName), Is.EquivalentTo(
                Fact.Of(typeof(RedisCacheTests)).Select(static f => f.Name).Except([nameof(RedisCacheTests.Get_ExactlyAtTheLimit_IsAlive)])));
        }
    }

    private static ResultState Succeed() => ResultState.Success;

    private static TestResult Run(string fact, Func<ResultState> body)
    {
        var test = new TestMethod(new MethodWrapper(typeof(Example), fact));
        var context = new TestExecutionContext { CurrentTest = test, CurrentResult = test.MakeTestResult() };
        return new FactCommand(new Body(test, body)).Execute(context);
    }

    private sealed class Body(Test test, Func<ResultState> run) : TestCommand(test)
    {
        public override TestResult Execute(TestExecutionContext context)
        {
            context.CurrentResult.SetResult(run());
            return context.CurrentResult;
        }
    }

    // Abstract, so that nobody takes it for a fixture.
    [Implementation("Example", typeof(object))]
    [Deviates(nameof(Deviant), "It does otherwise.")]
    private abstract class Example
    {
        public void Plain() => Assert.Fail();

        public void Deviant() => Assert.Fail();
    }

    [DeclaredAs(typeof(Example))]
    [NotApplicable(nameof(Example.Plain), "It has none.")]
    private abstract class Other;
}
