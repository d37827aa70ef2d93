using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CachetTests.Consumers;

/// <summary>A site that keeps a name in the session of whoever comes.</summary>
internal static class SessionSite
{
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(20);

    private const string Name = "name";

    /// <summary>Starts a node of it.</summary>
    /// <param name="store">Registers the <c>IDistributedCache</c> that holds the sessions.</param>
    public static Task<WebNode> StartAsync(Action<IServiceCollection> store) => WebNode.StartAsync(
        services =>
        {
            store(services);
            services.AddSession(static o => o.IdleTimeout = IdleTimeout);
        },
        static site =>
        {
            site.UseSession();
            site.MapGet("/sync", static context => context.Response.WriteAsync(Read(context)));
            site.MapGet("/async", static async context =>
            {
                await context.Session.LoadAsync();
                await context.Response.WriteAsync(context.Session.GetString(Name) ?? "nobody");
            });
            site.MapGet("/untouched", static context => context.Response.WriteAsync("untouched"));
            site.MapGet("/sync/{name}", static context => WriteAsync(context, before: static _ => Task.CompletedTask, after: static _ => Task.CompletedTask));
            site.MapGet("/async/{name}", static context => WriteAsync(context, static s => s.LoadAsync(), static s => s.CommitAsync()));
        });

    // Without LoadAsync the session loads itself synchronously.
    private static string Read(HttpContext context)
    {
        using (SessionRead.Begin()) return context.Session.GetString(Name) ?? "nobody";
    }

    // Without CommitAsync the middleware commits at the end.
    private static async Task WriteAsync(HttpContext context, Func<ISession, Task> before, Func<ISession, Task> after)
    {
        await before(context.Session);
        context.Session.SetString(Name, (string)context.Request.RouteValues[Name]!);
        await after(context.Session);
        await context.Response.WriteAsync("written");
    }
}
