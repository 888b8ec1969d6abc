//! A bridge as a waterfall: a bar for the first amount, one for each cause, and one for the last amount.

use std::fmt::Write;

use ledger::money::Money;
use replay::bridge::rows::{Bridge, BridgeTotal};

use crate::render::amount::amount;
use crate::render::bridge::words::BridgeWords;
use crate::render::html::escape::escaped;

/// The most causes with a bar of their own; the others share one.
const CAUSES_MAX: usize = 12;
const WIDTH: i128 = 960;
const LABEL: i128 = 400;
const AMOUNT: i128 = 130;
const ROW: i128 = 26;
const TOP: i128 = 44;
const GAP: i128 = 30;

/// A bar from one amount to another.
struct Bar {
    label: String,
    from: i128,
    to: i128,
    shown: Money,
    class: &'static str,
}

/// The waterfall of each currency, one below the other.
pub fn svg(bridge: &Bridge, words: BridgeWords) -> String {
    let charts: Vec<(String, Vec<Bar>)> =
        bridge.totals().iter().map(|total| (total.a.currency.to_string(), bars(total, words))).collect();
    let height: i128 = TOP + charts.iter().map(|(_, bars)| ROW * (bars.len() as i128 + 1) + GAP).sum::<i128>();
    let mut out = String::new();
    let title = format!("From {} to {}", words.end(&bridge.from), words.end(&bridge.to));
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\" role=\"img\"><title>{title}</title>\
         <style>.end{{fill:#334155}}.up{{fill:#15803d}}.down{{fill:#b91c1c}}.rest{{fill:#b45309}}text{{fill:#0f172a}}</style>\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\
         <text x=\"12\" y=\"26\" font-size=\"14\">{title}</text>\n",
        title = escaped(&title)
    );
    let mut y = TOP;
    for (currency, bars) in &charts {
        let _ = writeln!(out, "<text x=\"12\" y=\"{}\" font-weight=\"bold\">{currency}</text>", y + 17);
        y += ROW;
        write_bars(bars, y, &mut out);
        y += ROW * bars.len() as i128 + GAP;
    }
    out.push_str("</svg>\n");
    out
}

fn bars(total: &BridgeTotal, words: BridgeWords) -> Vec<Bar> {
    let end = |label: &str, of: Money| Bar { label: label.to_owned(), from: 0, to: of.minor, shown: of, class: "end" };
    let mut bars = vec![end("from", total.a)];
    let mut at = total.a.minor;
    let mut step = |label: String, of: Money, class: Option<&'static str>| {
        let class = class.unwrap_or(if of.is_negative() { "down" } else { "up" });
        bars.push(Bar { label, from: at, to: at + of.minor, shown: of, class });
        at += of.minor;
    };
    let (own, rest) = total.causes.split_at(total.causes.len().min(CAUSES_MAX));
    for cause in own {
        step(words.cause(cause), cause.amount, None);
    }
    if !rest.is_empty() {
        let sum = Money::sum(total.a.currency, rest.iter().map(|cause| cause.amount));
        step(format!("{} more causes", rest.len()), sum, None);
    }
    step("unexplained".to_owned(), total.unexplained(), Some("rest"));
    bars.push(end("to", total.b));
    bars
}

fn write_bars(bars: &[Bar], top: i128, out: &mut String) {
    let ends = || bars.iter().flat_map(|bar| [bar.from, bar.to]);
    let (low, high) = (ends().min().unwrap_or(0).min(0), ends().max().unwrap_or(0).max(0));
    let span = (high - low).max(1);
    let room = WIDTH - LABEL - AMOUNT - 24;
    let x = |value: i128| LABEL + (value - low) * room / span;
    for (number, bar) in (0..).zip(bars) {
        let y = top + ROW * number;
        let (left, right) = (x(bar.from.min(bar.to)), x(bar.from.max(bar.to)));
        let label = escaped(&shortened(&bar.label));
        let _ = writeln!(
            out,
            "<text x=\"12\" y=\"{text}\">{label}</text><rect class=\"{class}\" x=\"{left}\" y=\"{bar_y}\" width=\"{width}\" height=\"18\"/>\
             <text x=\"{end}\" y=\"{text}\" text-anchor=\"end\">{shown}</text>",
            text = y + 17,
            class = bar.class,
            bar_y = y + 3,
            width = (right - left).max(1),
            end = WIDTH - 12,
            shown = amount(bar.shown)
        );
    }
}

/// A label that fits beside the bars.
fn shortened(label: &str) -> String {
    const LABEL_MAX: usize = 56;
    if label.chars().count() <= LABEL_MAX {
        return label.to_owned();
    }
    label.chars().take(LABEL_MAX - 1).chain(['\u{2026}']).collect()
}
