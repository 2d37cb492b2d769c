//! A plot as SVG: horizontal bars below each other, each as long as its share of the largest figure.
//! It brings its own paper and ink, so that it can be read on a page of either kind, and says in
//! words what it shows.

use std::fmt::Write;

use super::plots::{Bar, Plot};
use crate::number;
use crate::targets::short;

/// Pixels, all of them.
const WIDTH: usize = 720;
const LABELS_END: usize = 232;
const BARS_BEGIN: usize = 244;
/// The longest bar; the rest of the width is for what it says.
const BAR_LENGTH_MAX: f64 = 376.0;
/// A figure that is nearly nothing is still seen.
const BAR_LENGTH_MIN: f64 = 2.0;
const BAR_HEIGHT: usize = 18;
const ROW_HEIGHT: usize = 28;
const HEAD_HEIGHT: usize = 68;
const FOOT_HEIGHT: usize = 14;

/// Ink on paper has a contrast of at least 7 in both, bars on paper of at least 3.
const STYLE: &str = "\
.paper{fill:#fbfaf8;stroke:#d9d5cd}.ink{fill:#24211c}.soft{fill:#57524a}\
.ours{fill:#1f7a5c}.theirs{fill:#87817a}\
text{font:13px system-ui,-apple-system,\"Segoe UI\",sans-serif}.title{font-size:15px;font-weight:600}\
@media(prefers-color-scheme:dark){\
.paper{fill:#1c1b19;stroke:#3a3833}.ink{fill:#efece6}.soft{fill:#b9b4aa}\
.ours{fill:#45b88d}.theirs{fill:#8c867d}}";

/// The whole file.
pub(crate) fn draw(plot: &Plot, bars: &[Bar]) -> String {
    let height = HEAD_HEIGHT + ROW_HEIGHT * bars.len() + FOOT_HEIGHT;
    let most = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    let (title, scale) = (escape(plot.title), escape(&plot.scale()));
    let rows: String = bars
        .iter()
        .enumerate()
        .map(|(n, bar)| row(HEAD_HEIGHT + n * ROW_HEIGHT, bar, most))
        .collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-labelledby=\"title figures\">\n\
         <title id=\"title\">{title}</title>\n\
         <desc id=\"figures\">{}</desc>\n\
         <style>{}</style>\n\
         <rect class=\"paper\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n\
         <text class=\"ink title\" x=\"20\" y=\"30\">{title}</text>\n\
         <text class=\"soft\" x=\"20\" y=\"50\">{scale}</text>\n{rows}</svg>\n",
        escape(&in_words(plot, bars)),
        escape(STYLE),
        WIDTH - 1,
        height - 1,
    )
}

/// What the plot shows, for whoever does not see it.
pub(crate) fn in_words(plot: &Plot, bars: &[Bar]) -> String {
    let figures: Vec<String> =
        bars.iter().map(|bar| format!("{}: {}", bar.title, short(bar.value))).collect();
    format!("{} ({}). {}", plot.title, plot.scale(), figures.join("; "))
}

/// A name, its bar, and the figure behind it.
fn row(top: usize, bar: &Bar, most: f64) -> String {
    let length = length(bar.value, most);
    let base = top + 14;
    let class = if bar.is_ours { "ours" } else { "theirs" };
    let behind = number::len(BARS_BEGIN) + length + 8.0;
    let mut row = String::new();
    write!(
        row,
        "<text class=\"ink\" x=\"{LABELS_END}\" y=\"{base}\" text-anchor=\"end\">{}</text>\n\
         <rect class=\"{class}\" x=\"{BARS_BEGIN}\" y=\"{top}\" width=\"{length:.1}\" \
         height=\"{BAR_HEIGHT}\" rx=\"2\"/>\n\
         <text class=\"ink\" x=\"{behind:.1}\" y=\"{base}\">{}</text>\n",
        escape(bar.title),
        short(bar.value),
    )
    .expect("writing into memory cannot fail");
    row
}

fn length(value: f64, most: f64) -> f64 {
    if most > 0.0 { (value / most * BAR_LENGTH_MAX).max(BAR_LENGTH_MIN) } else { BAR_LENGTH_MIN }
}

/// What means something in XML, as text.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::plots::Better;

    const HOSTILE: Plot = Plot {
        name: "hostile",
        title: "a < b && \"c\" </title><script>",
        unit: "KiB",
        better: Better::Less,
        bars: &[],
    };
    const BARS: [Bar; 3] = [
        Bar { title: "us & <them>", value: 50.0, is_ours: true },
        Bar { title: "them", value: 200.0, is_ours: false },
        Bar { title: "next to nothing", value: 0.001, is_ours: false },
    ];

    /// Fails unless every element ends where XML wants it; returns the tags in their order.
    fn elements(xml: &str) -> Vec<&str> {
        let (mut open, mut all) = (Vec::new(), Vec::new());
        for piece in xml.split('<').skip(1) {
            let (tag, text) = piece.split_once('>').expect("a tag ends");
            assert!(!text.contains('>'), "a bare > in {text}");
            assert!(tag.matches('"').count().is_multiple_of(2), "an open quote in {tag}");
            for entity in text.split('&').skip(1).chain(tag.split('&').skip(1)) {
                let known = ["amp;", "lt;", "gt;", "quot;"];
                assert!(known.iter().any(|name| entity.starts_with(name)), "a bare & in {piece}");
            }
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name), "{xml}");
                continue;
            }
            let name = tag.split([' ', '/']).next().unwrap_or_default();
            all.push(tag);
            if !tag.ends_with('/') {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?} never end");
        all
    }

    fn attribute<'a>(tag: &'a str, name: &str) -> &'a str {
        let (_, rest) = tag.split_once(&format!(" {name}=\"")).expect("it has this attribute");
        rest.split('"').next().unwrap_or_default()
    }

    #[test]
    fn whatever_the_names_hold_it_is_one_well_formed_picture_with_a_title() {
        let svg = draw(&HOSTILE, &BARS);
        let all = elements(&svg);
        assert!(all[0].starts_with("svg xmlns=\"http://www.w3.org/2000/svg\""));
        assert_eq!(attribute(all[0], "role"), "img");
        assert!(svg.contains("<title id=\"title\">a &lt; b &amp;&amp; &quot;c&quot; &lt;/title"));
        assert!(svg.contains("us &amp; &lt;them&gt;: 50.0; them: 200"));
        assert!(!all.iter().any(|tag| tag.starts_with("script")));
        assert!(svg.contains(">KiB, less is better<"));
    }

    #[test]
    fn a_bar_is_as_long_as_its_share_and_never_unseen() {
        let svg = draw(&HOSTILE, &BARS);
        let all = elements(&svg);
        let bars = all.iter().filter(|tag| tag.starts_with("rect") && !tag.contains("paper"));
        let drawn: Vec<(&str, f64)> = bars
            .map(|tag| (attribute(tag, "class"), attribute(tag, "width").parse().unwrap()))
            .collect();
        assert_eq!(drawn, [("ours", 94.0), ("theirs", 376.0), ("theirs", 2.0)]);
    }

    #[test]
    fn what_is_drawn_lies_within_the_picture() {
        for count in 1..=BARS.len() {
            let svg = draw(&HOSTILE, &BARS[..count]);
            let all = elements(&svg);
            let height: usize = attribute(all[0], "height").parse().unwrap();
            let bars = all.iter().filter(|tag| tag.starts_with("rect") && !tag.contains("paper"));
            let lowest = bars.map(|tag| attribute(tag, "y").parse::<usize>().unwrap() + BAR_HEIGHT);
            assert!(lowest.max().unwrap() < height, "{count} bars in {height}");
        }
    }
}
