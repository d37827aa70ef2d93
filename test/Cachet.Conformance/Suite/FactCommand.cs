using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Commands;

namespace CachetTests;

/// <summary>Runs a fact. Where the fixture declares a deviation the fact has to fail, and fails if it does not.</summary>
internal sealed class FactCommand(TestCommand inner) : DelegatingTestCommand(inner)
{
    public override TestResult Execute(TestExecutionContext context)
    {
        Implementation implementation = new(Test.TypeInfo!.Type);
        if (implementation.Of(Test.MethodName!) is not { Verdict: Verdict.Deviates } standing) return innerCommand.Execute(context);

        if (Failure(context) is { } failure)
        {
            context.CurrentResult = context.CurrentTest.MakeTestResult();
            context.CurrentResult.SetResult(ResultState.Success, $"Deviates, as is known: {standing.Why} {failure}");
        }
        else
        {
            context.CurrentResult.SetResult(
                ResultState.Failure,
                $"'{Test.MethodName}' is listed as a deviation of {implementation.Name}, and does not occur any more: take it off the list.");
        }

        return context.CurrentResult;
    }

    private string? Failure(TestExecutionContext context)
    {
        try
        {
            TestResult result = innerCommand.Execute(context);
            return result.ResultState.Status == TestStatus.Failed ? result.Message : null;
        }
        catch (Exception error)
        {
            return error.Message;
        }
    }
}
