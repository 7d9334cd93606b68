//! Writing HTML: escaping, the frame of a page, tables.

use std::fmt::Write;

/// The look of every page.
const STYLE: &str = include_str!("style.css");

/// Text as it may stand in HTML, between tags or in a quoted attribute.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(letter),
        }
    }
    safe
}

/// A page; `refresh` makes the browser load it again every so many seconds.
pub(super) fn page(title: &str, refresh: Option<u32>, body: &str) -> String {
    let refresh = refresh.map(|every| format!("<meta http-equiv=\"refresh\" content=\"{every}\">")).unwrap_or_default();
    let title = escape(title);
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">{refresh}\
         <title>{title}</title><style>{STYLE}</style></head><body>{body}</body></html>"
    )
}

/// A section with a table; the cells are HTML already.
pub(super) fn table(title: &str, total: u64, heads: &[&str], rows: &[Vec<String>]) -> String {
    let mut html = format!("<section><h2>{} <span class=\"count\">{total}</span></h2>", escape(title));
    if rows.is_empty() {
        html.push_str("<p class=\"none\">nothing yet</p></section>");
        return html;
    }
    html.push_str("<div class=\"scroll\"><table><tr>");
    for head in heads {
        // Writing to a String cannot fail.
        let _ = write!(html, "<th>{}</th>", escape(head));
    }
    html.push_str("</tr>");
    for row in rows {
        html.push_str("<tr>");
        for cell in row {
            let _ = write!(html, "<td>{cell}</td>");
        }
        html.push_str("</tr>");
    }
    html.push_str("</table></div></section>");
    html
}

/// A coloured word.
pub(super) fn badge(word: &str) -> String {
    let mood = match word {
        "complete" | "succeeded" | "sent" | "done" => "good",
        "open" | "processing" | "waiting" => "open",
        _ if word.starts_with('2') => "good",
        _ => "bad",
    };
    format!("<span class=\"badge {mood}\">{}</span>", escape(word))
}

/// A button that posts.
pub(super) fn button(action: &str, id: &str, from: &str, words: &str, look: &str) -> String {
    let (id, words) = (escape(id), escape(words));
    format!(
        "<form method=\"post\" action=\"/{action}/{id}?from={from}\"><button class=\"{look}\">{words}</button></form>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_in_cannot_become_markup() {
        assert_eq!(escape("<img src=x onerror='a&b'>\""), "&lt;img src=x onerror=&#39;a&amp;b&#39;&gt;&quot;");
        assert!(!badge("<b>").contains("<b>"));
        assert!(!button("pay", "\"><script>", "list", "Pay", "good").contains("<script>"));
    }
}
