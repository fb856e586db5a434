using System.Text.Json;
using Gateway.Configuration;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Gateway.Admin.Docs;

/// <summary>The admin API as an OpenAPI document, and a page to read and try it. The page's script is the gateway's own: nothing comes from elsewhere.</summary>
internal static class AdminDocument
{
    public const string Path = AdminDoor.Root + "/openapi.json";
    public const string Page = AdminDoor.Root + "/docs";

    // Scalar begins by a script in its page, which is told by a number of its own each time, and styles itself as it runs.
    private const string Policy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static void Add(IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(static json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        services.AddOpenApi(static document =>
        {
            document.ShouldInclude = static route => Belongs("/" + route.RelativePath);
            document.AddDocumentTransformer(static (made, _, _) =>
            {
                made.Info = new OpenApiInfo { Title = "Gateway administration", Version = "v1", Description = "Times are Unix seconds. Errors have OpenAI's shape." };
                made.Components ??= new OpenApiComponents();
                made.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
                {
                    ["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "Gateway:AdminKey, or a key of the scope admin." },
                };
                made.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", made)] = [] }];
                return Task.CompletedTask;
            });
        });
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi(Path);
        routes.MapScalarApiReference(Page, static page => page.WithTitle("Gateway administration").WithOpenApiRoutePattern(Path).WithNonce().HideDeveloperTools().DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp());
    }

    /// <summary>Whether a path is the document's or the page's, which a browser opens.</summary>
    public static bool IsForBrowsers(PathString path) => path.StartsWithSegments(Page, StringComparison.OrdinalIgnoreCase) || path.Equals(Path, StringComparison.OrdinalIgnoreCase);

    /// <summary>What a browser may do for the page.</summary>
    public static void Guard(HttpResponse response)
    {
        response.OnStarting(() =>
        {
            response.Headers.ContentSecurityPolicy = response.HttpContext.Items[ScalarOptions.NonceHttpContextItemKey] is string nonce ? Policy.Replace("script-src 'self'", $"script-src 'self' 'nonce-{nonce}'", StringComparison.Ordinal) : Policy;
            return Task.CompletedTask;
        });
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
    }

    private static bool Belongs(string path) => (path.StartsWith(AdminDoor.Root, StringComparison.Ordinal) && !IsForBrowsers(path)) || path.StartsWith("/v1/organization", StringComparison.Ordinal);
}
