//! A bridge as a waterfall: a bar for the first amount, one for each cause, one for what is unexplained, and one for the last amount.

use std::fmt::Write;

use ledger::money::Money;
use replay::bridge::rows::{Bridge, BridgeTotal};

use crate::render::amount::amount;
use crate::render::bridge::words::BridgeWords;
use crate::render::html::escape::escaped;

/// The most causes with a bar of their own; the others share one.
const CAUSES_MAX: usize = 12;
/// The most characters of a label.
const LABEL_MAX: usize = 58;
const WIDTH: i128 = 960;
/// Where bars begin, and how much is left for amounts at the right.
const LABEL: i128 = 410;
const AMOUNT: i128 = 130;
const MARGIN: i128 = 16;
const ROW: i128 = 26;
const BAR: i128 = 18;
/// Between two currencies.
const GAP: i128 = 22;

const STYLE: &str = "text{fill:#0f172a}.end{fill:#334155}.up{fill:#15803d}.down{fill:#b91c1c}.rest{fill:#b45309}\
                     .axis{stroke:#94a3b8}.step{stroke:#94a3b8;stroke-dasharray:2 2}.head{font-weight:600}";

/// A bar from one amount to another.
struct Bar {
    label: String,
    from: i128,
    to: i128,
    shown: String,
    class: &'static str,
}

/// The waterfall of each currency, one below the other.
pub fn svg(bridge: &Bridge, words: BridgeWords) -> String {
    let (mut body, mut y) = (String::new(), MARGIN);
    let (from, to) = (format!("From: {}", words.end(&bridge.from)), format!("To: {}", words.end(&bridge.to)));
    for line in [&from, &to] {
        y += ROW;
        text((MARGIN, y - 8), "head", line, &mut body);
    }
    for total in bridge.totals() {
        y += GAP + ROW;
        text((MARGIN, y - 8), "head", &total.a.currency.to_string(), &mut body);
        y = draw(&bars(&total, words), y, &mut body);
    }
    let height = y + MARGIN;
    let title = escaped(&format!("{from}. {to}."));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\" role=\"img\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n{body}</svg>\n"
    )
}

fn bars(total: &BridgeTotal, words: BridgeWords) -> Vec<Bar> {
    let end = |label: &str, of: Money| {
        let (label, shown) = (label.to_owned(), amount(of));
        Bar { label, from: 0, to: of.minor, shown, class: "end" }
    };
    let mut bars = vec![end("from", total.a)];
    let mut at = total.a.minor;
    let mut step = |label: String, of: Money, class: &'static str| {
        let sign = if of.is_positive() { "+" } else { "" };
        bars.push(Bar { label, from: at, to: at + of.minor, shown: format!("{sign}{}", amount(of)), class });
        at += of.minor;
    };
    let class = |of: Money| if of.is_negative() { "down" } else { "up" };
    let (own, rest) = total.causes.split_at(total.causes.len().min(CAUSES_MAX));
    for cause in own {
        step(words.cause(cause), cause.amount, class(cause.amount));
    }
    if !rest.is_empty() {
        let sum = Money::sum(total.a.currency, rest.iter().map(|cause| cause.amount));
        step(format!("{} more causes", rest.len()), sum, class(sum));
    }
    step("unexplained".to_owned(), total.unexplained(), "rest");
    bars.push(end("to", total.b));
    bars
}

/// Draws the bars below each other. Gives where they end.
fn draw(bars: &[Bar], top: i128, out: &mut String) -> i128 {
    let ends = || bars.iter().flat_map(|bar| [bar.from, bar.to]);
    let (low, high) = (ends().min().unwrap_or(0).min(0), ends().max().unwrap_or(0).max(0));
    let (span, room) = ((high - low).max(1), WIDTH - LABEL - AMOUNT - MARGIN);
    let x = |value: i128| LABEL + (value - low) * room / span;
    let mut y = top;
    for (number, bar) in bars.iter().enumerate() {
        let (left, right) = (x(bar.from.min(bar.to)), x(bar.from.max(bar.to)));
        if number > 0 {
            // From the end of the bar above to the begin of this one; the last bar ends there.
            let at = x(if number + 1 == bars.len() { bar.to } else { bar.from });
            line("step", (at, y - (ROW - BAR) / 2), (at, y + (ROW - BAR) / 2), out);
        }
        text((MARGIN, y + ROW - 8), "", &shortened(&bar.label), out);
        let _ = writeln!(
            out,
            "<rect class=\"{}\" x=\"{left}\" y=\"{}\" width=\"{}\" height=\"{BAR}\"/>",
            bar.class,
            y + (ROW - BAR) / 2,
            (right - left).max(1)
        );
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            WIDTH - MARGIN,
            y + ROW - 8,
            escaped(&bar.shown)
        );
        y += ROW;
    }
    line("axis", (x(0), top), (x(0), y), out);
    y
}

fn text((x, y): (i128, i128), class: &str, words: &str, out: &mut String) {
    let _ = writeln!(out, "<text x=\"{x}\" y=\"{y}\" class=\"{class}\">{}</text>", escaped(words));
}

fn line(class: &str, (x1, y1): (i128, i128), (x2, y2): (i128, i128), out: &mut String) {
    let _ = writeln!(out, "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>");
}

/// A label that fits beside the bars.
fn shortened(label: &str) -> String {
    if label.chars().count() <= LABEL_MAX {
        return label.to_owned();
    }
    label.chars().take(LABEL_MAX - 1).chain(['\u{2026}']).collect()
}
