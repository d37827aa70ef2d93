using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace CachetTests.Consumers;

/// <summary>One of the nodes of a web application: ASP.NET Core on a loopback port. Every request makes a span, as a server does.</summary>
internal sealed class WebNode : IAsyncDisposable
{
    // Whatever one node protects, its cookies say, every other can read. Kept in memory alone.
    private static readonly EphemeralDataProtectionProvider _keys = new();

    private readonly WebApplication _application;

    private WebNode(WebApplication application) => _application = application;

    public IServiceProvider Services => _application.Services;

    /// <summary>Starts one.</summary>
    /// <param name="services">Registers what the application uses.</param>
    /// <param name="pipeline">Adds its middleware and end points.</param>
    public static async Task<WebNode> StartAsync(Action<IServiceCollection> services, Action<WebApplication> pipeline)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new()); // Empty: no settings of whoever runs the tests.
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static k => k.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRouting();
        services(builder.Services);
        builder.Services.AddSingleton<IDataProtectionProvider>(_keys);

        WebApplication application = builder.Build();
        application.Use(static async (context, next) =>
        {
            using Activity? request = Telemetry.Tests.StartActivity($"{context.Request.Method} {context.Request.Path}");
            await next(context);
        });
        pipeline(application);
        await application.StartAsync();
        return new(application);
    }

    /// <summary>The address of a page.</summary>
    public Uri At(string path) => new(new Uri(_application.Urls.Single()), path);

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
