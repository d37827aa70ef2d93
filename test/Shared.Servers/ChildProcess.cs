using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace CachetTests;

/// <summary>A process that the tests started: its output is kept, and it never outlives them, nor do its own children.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int SigTerm = 15;

    private static readonly TimeSpan _killTakes = TimeSpan.FromSeconds(10);
    private static readonly ConcurrentDictionary<ChildProcess, bool> _running = new();

    private readonly Process _process;
    private readonly string _commandLine;
    private readonly Lock _gate = new();
    private readonly List<string> _output = [];
    private readonly List<string> _error = [];
    private readonly List<string> _all = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ended;

    static ChildProcess() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
    {
        foreach (ChildProcess child in _running.Keys) child.Kill();
    };

    private ChildProcess(ProcessStartInfo start)
    {
        _commandLine = $"{start.FileName} {string.Join(' ', start.ArgumentList)}";
        _process = new() { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Heard(_output, e.Data);
        _process.ErrorDataReceived += (_, e) => Heard(_error, e.Data);
    }

    /// <summary>Whole lines of standard output so far.</summary>
    public IReadOnlyList<string> Output => Locked(() => (IReadOnlyList<string>)[.. _output]);

    /// <summary>Whole lines of standard error so far.</summary>
    public IReadOnlyList<string> Error => Locked(() => (IReadOnlyList<string>)[.. _error]);

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a program that is found on the path.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="input">What it is given on standard input; <see langword="null"/> for nothing.</param>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, string? input = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };

        // Settings of whoever runs the tests are not meant for the programs under test.
        foreach (string name in start.Environment.Keys.Where(static k => k.StartsWith("OTEL_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        var child = new ChildProcess(start);
        child._process.Start();
        _running[child] = true;
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        if (input is not null) child._process.StandardInput.Write(input);
        child._process.StandardInput.Close();
        return child;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it said.</exception>
    public static async Task RunAsync(string program, IEnumerable<string> arguments, TimeSpan limit)
    {
        await using ChildProcess child = Start(program, arguments);
        int code = await child.ExitAsync(limit);
        if (code != 0) throw new InvalidOperationException($"Exit code {code}. {child}");
    }

    /// <summary>Waits for a line of standard output.</summary>
    /// <exception cref="InvalidOperationException">The process ended without it.</exception>
    /// <exception cref="TimeoutException">It did not come in time.</exception>
    public async Task<string> LineAsync(Func<string, bool> isIt, TimeSpan limit)
    {
        using var cancellation = new CancellationTokenSource(limit);
        int seen = 0;
        while (true)
        {
            Task more;
            lock (_gate)
            {
                for (; seen < _output.Count; seen++)
                {
                    if (isIt(_output[seen])) return _output[seen];
                }

                if (_ended) throw new InvalidOperationException($"Ended without the line that was waited for. {this}");
                more = _more.Task;
            }

            try
            {
                await more.WaitAsync(cancellation.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"The line that was waited for did not come within {limit}. {this}");
            }
        }
    }

    /// <summary>Waits for the end and gives the exit code.</summary>
    /// <exception cref="TimeoutException">It went on.</exception>
    public async Task<int> ExitAsync(TimeSpan limit)
    {
        using var cancellation = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(cancellation.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Not over after {limit}. {this}");
        }
    }

    /// <summary>Asks the process to stop, as an operator or a container's host does.</summary>
    public void Terminate()
    {
        if (kill(_process.Id, SigTerm) != 0) throw new InvalidOperationException($"Could not be sent a SIGTERM. {this}");
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        try
        {
            await ExitAsync(_killTakes);
        }
        finally
        {
            _running.TryRemove(this, out _);
            _process.Dispose();
        }
    }

    /// <summary>The command and all that it said.</summary>
    public override string ToString() => Locked(() => $"{_commandLine} said:{Environment.NewLine}{string.Join(Environment.NewLine, _all)}");

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int pid, int signal);

    private void Kill()
    {
        try
        {
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has just ended by itself.
        }
    }

    private void Heard(List<string> where, string? line)
    {
        TaskCompletionSource more;
        lock (_gate)
        {
            if (line is null)
            {
                if (ReferenceEquals(where, _output)) _ended = true;
            }
            else
            {
                where.Add(line);
                _all.Add(line);
            }

            more = _more;
            _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        more.SetResult();
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_gate) return read();
    }
}
