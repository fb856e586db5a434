using System.Buffers.Text;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Gateway.Load.Door;

/// <summary>Puts keys into a gateway's database by the million: making each by the API would take hours.</summary>
internal static class ManyKeys
{
    /// <summary>The headers that send them, of the first so many spread over all.</summary>
    public static string[] Headers(int all, int some) => [.. Enumerable.Range(0, some).Select(index => "Authorization: Bearer " + Key((int)((long)index * all / some)))];

    /// <summary>One by the gateway's own API.</summary>
    public static async Task MakeOneAsync(int port)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsJsonAsync(new Uri($"http://127.0.0.1:{port}/admin/v1/keys"), new { name = "first" });
        answer.EnsureSuccessStatusCode();
    }

    /// <param name="database">That of a gateway that has run once and made its tables.</param>
    /// <param name="count">Of keys.</param>
    public static async Task FillAsync(string database, int count)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var transaction = connection.BeginTransaction();
        await using var key = new SqliteCommand("INSERT INTO keys (id, name, prefix, scopes, models, limits, disabled, created, changed) VALUES (@id, @id, 'sk-…', 'inference', '*', '{\"requests_per_minute\":100000000}', 0, 0, 1)", connection, transaction);
        await using var secret = new SqliteCommand("INSERT INTO key_secrets (hash, key_id) VALUES (@hash, @id)", connection, transaction);
        var (id, hash, of) = (key.Parameters.Add("@id", SqliteType.Text), secret.Parameters.Add("@hash", SqliteType.Text), secret.Parameters.Add("@id", SqliteType.Text));
        for (var i = 0; i < count; i++)
        {
            (id.Value, of.Value, hash.Value) = ($"key_{i:D32}", $"key_{i:D32}", Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(Key(i)))));
            key.ExecuteNonQuery();
            secret.ExecuteNonQuery();
        }

        await using var number = new SqliteCommand("UPDATE key_changes SET number = 1", connection, transaction);
        number.ExecuteNonQuery();
        transaction.Commit();
    }

    private static string Key(int at) => $"sk-{at:D43}";
}
