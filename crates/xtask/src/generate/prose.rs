//! Rust's documentation as prose for other languages: without links, in lines.

/// The first paragraph of Rust documentation without its links and paths.
pub(crate) fn plain(doc: &str) -> String {
    let paragraph = doc.split("\n\n").next().unwrap_or_default();
    let mut text = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    while let Some((before, rest)) = text.split_once("[`") {
        let Some((name, after)) = rest.split_once("`]") else {
            break;
        };
        let after = match after.strip_prefix('(') {
            Some(link) => link.split_once(')').map_or("", |(_, after)| after),
            None => after,
        };
        let name = name.rsplit("::").next().unwrap_or_default();
        text = format!("{before}`{name}`{after}");
    }
    text
}

/// The words in lines that begin with `margin` and are no longer than `width`.
pub(crate) fn wrapped(text: &str, margin: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut line = margin.to_owned();
    for (number, word) in text.split(' ').enumerate() {
        let fits = line.chars().count() + 1 + word.chars().count() <= width;
        if number > 0 && !fits {
            lines.extend([line.as_str(), "\n"]);
            margin.clone_into(&mut line);
        } else if number > 0 {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines + &line + "\n"
}
