using System.Text;

namespace CachetTests;

/// <summary>Tables in Markdown.</summary>
internal static class MarkdownTable
{
    public static string Of(string[] head, IEnumerable<string[]> rows)
    {
        var text = new StringBuilder();
        foreach (string[] row in rows.Prepend([.. head.Select(static _ => "---")]).Prepend(head))
        {
            text.Append("| ").AppendJoin(" | ", row.Select(static c => c.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
        }

        return text.ToString().Replace("| --- |", "|---|", StringComparison.Ordinal).Replace(" --- |", "---|", StringComparison.Ordinal);
    }
}
