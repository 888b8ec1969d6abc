//! `measure`: what a component counts (calculation.md 4).

use ledger::date::Span;
use ledger::exact::Exact;
use ledger::id::Name;

use crate::plan::{Against, Baseline, BookingValue, Measure, Per, Reading, Retention, SignalValue, UsageValue};
use crate::read::report::Spot;
use crate::read::table::{TextField, TomlTable, WrittenKey};
use crate::read::toml_fault::{ExpectedValue, TableKind};
use crate::read::value::{self, TomlValue};
use crate::refusal::{MeasureRefusal, PlanReport};

const USAGE: [(&str, UsageValue); 2] = [("amount", UsageValue::Amount), ("quantity", UsageValue::Quantity)];
const SIGNAL: [(&str, SignalValue); 2] = [("count", SignalValue::Count), ("value", SignalValue::Value)];

const PER: [(&str, Per); 2] = [("contract", Per::Contract), ("month", Per::Month)];
const AGAINST: [(&str, Against); 3] =
    [("rolling", Against::Rolling), ("period-start", Against::PeriodStart), ("high-water", Against::HighWater)];
const TAKE: [(&str, Reading); 2] = [("last", Reading::Last), ("average", Reading::Average)];
const RETENTION: [(&str, Retention); 2] = [("net", Retention::Net), ("gross", Retention::Gross)];
/// The window of retention if `over` is not written.
const OVER: Span = Span::Months(12);

struct MeasureText {
    spot: Spot,
    booking: TextField<BookingValue>,
    pays: TextField<BookingValue>,
    usage: TextField<UsageValue>,
    growth: TextField<Span>,
    signal: TextField<Name>,
    metric: TextField<Name>,
    retention: TextField<Retention>,
    value: TextField<SignalValue>,
    meter: TextField<Vec<Name>>,
    per: TextField<Per>,
    baseline: TextField<Baseline>,
    against: TextField<Against>,
    retained: TextField<Exact>,
    take: TextField<Reading>,
    over: TextField<Span>,
}

pub fn measure<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<Measure> {
    let mut table = TomlTable::of(value, TableKind::Measure, report)?;
    let text = MeasureText {
        spot: table.spot,
        booking: table.take("booking", booking, report),
        pays: table.take("pays", booking, report),
        usage: table.take("usage", |value, report| value::word(value, &USAGE, report), report),
        growth: table.take("growth", window, report),
        signal: table.take("signal", value::name, report),
        metric: table.take("metric", value::name, report),
        retention: table.take("retention", |value, report| value::word(value, &RETENTION, report), report),
        value: table.take("value", |value, report| value::word(value, &SIGNAL, report), report),
        meter: table.take("meter", value::names, report),
        per: table.take("per", per, report),
        baseline: table.take("baseline", baseline, report),
        against: table.take("against", |value, report| value::word(value, &AGAINST, report), report),
        retained: table.take("retained", value::percent_from_zero, report),
        take: table.take("take", |value, report| value::word(value, &TAKE, report), report),
        over: table.take("over", window, report),
    };
    table.finish(report)?;
    text.one_kind(report)?;
    text.only_its_keys(report);
    text.measure(report)
}

/// A window of at least one day or month.
fn window(value: &TomlValue<'_>, report: &mut PlanReport<'_>) -> Option<Span> {
    let span = value::span(value, report)?;
    match span {
        Span::Days(0) | Span::Months(0) => value::not(value, ExpectedValue::Window, report),
        Span::Days(_) | Span::Months(_) => Some(span),
    }
}

fn per(value: &TomlValue<'_>, report: &mut PlanReport<'_>) -> Option<Per> {
    let words = PER.each_ref().map(|(word, _)| (*word, *word));
    let word = value::word(value, &words, report)?;
    PER.into_iter().find(|(known, _)| *known == word).map(|(_, per)| per)
}

/// `{ amount = X }` for a full month, or `{ percent = p, of = "previous-period" }`.
fn baseline<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<Baseline> {
    let mut table = TomlTable::of(value, TableKind::Baseline, report)?;
    let amount = table.take("amount", value::amount_from_zero, report);
    let percent = table.take("percent", value::percent_from_zero, report);
    let of = table.take("of", |value, report| value::word(value, &[("previous-period", ())], report), report);
    let spot = table.spot;
    table.finish(report)?;
    match (amount.mark(), percent.mark(), of.mark()) {
        (Some(_), None, None) => amount.get().map(|amount| Baseline::Amount(amount.exact())),
        (None, Some(_), Some(_)) => {
            percent.get().and_then(|percent| of.get().map(|()| Baseline::PreviousPeriod(percent)))
        }
        _ => report.wrong(spot, MeasureRefusal::BaselineUnclear),
    }
}

fn booking(value: &TomlValue<'_>, report: &mut PlanReport<'_>) -> Option<BookingValue> {
    let name = value::name(value, report)?;
    Some(match name.as_str() {
        "arr" => BookingValue::Arr,
        "tcv" => BookingValue::Tcv,
        "count" => BookingValue::Count,
        _ => BookingValue::Named(name),
    })
}

impl MeasureText {
    /// The keys that name the kind of a measure. There must be exactly one.
    fn kinds(&self) -> [(&'static str, Option<WrittenKey>); 6] {
        [
            (self.booking.name, self.booking.mark()),
            (self.usage.name, self.usage.mark()),
            (self.growth.name, self.growth.mark()),
            (self.signal.name, self.signal.mark()),
            (self.metric.name, self.metric.mark()),
            (self.retention.name, self.retention.mark()),
        ]
    }

    fn one_kind(&self, report: &mut PlanReport<'_>) -> Option<()> {
        let written: Vec<WrittenKey> = self.kinds().into_iter().filter_map(|(_, mark)| mark).collect();
        let kinds = self.kinds().map(|(name, _)| name).to_vec();
        match written.as_slice() {
            [] => report.wrong(self.spot, MeasureRefusal::MeasureWithoutKind { kinds }),
            [_] => Some(()),
            [first, second, ..] => {
                let (first, second, key) = (first.name, second.name, second.key);
                report.wrong(key, MeasureRefusal::MeasureWithTwoKinds { first, second, kinds })
            }
        }
    }

    /// Refuses keys that only measures of another kind use.
    fn only_its_keys(&self, report: &mut PlanReport<'_>) {
        let (usage, growth, retention) =
            (self.usage.is_written(), self.growth.is_written(), self.retention.is_written());
        let table: [(Option<WrittenKey>, bool, &'static [&'static str]); 9] = [
            (self.pays.mark(), self.booking.is_written(), &["booking"]),
            (self.value.mark(), self.signal.is_written(), &["signal"]),
            (self.meter.mark(), usage || growth || retention, &["usage", "growth", "retention"]),
            (self.per.mark(), usage, &["usage"]),
            (self.baseline.mark(), usage, &["usage"]),
            (self.against.mark(), growth, &["growth"]),
            (self.retained.mark(), growth, &["growth"]),
            (self.take.mark(), self.metric.is_written(), &["metric"]),
            (self.over.mark(), retention, &["retention"]),
        ];
        for (key, fits, of) in table {
            if let (Some(key), false) = (key, fits) {
                report.refuse(key.key, MeasureRefusal::KeyOfOtherMeasure { key: key.name, of });
            }
        }
        if let (Some(key), Some(Per::Contract)) = (self.baseline.mark(), &self.per.value) {
            report.refuse(key.key, MeasureRefusal::BaselineOfContract);
        }
    }

    fn measure(self, report: &mut PlanReport<'_>) -> Option<Measure> {
        let meters = self.meter.or(Vec::new());
        if let Some(value) = self.booking.value {
            return Some(Measure::Booking { value, pays: self.pays.value });
        }
        if let Some(value) = self.usage.value {
            let per = match (self.baseline.is_written(), self.baseline.value) {
                (true, baseline) => Per::MonthAbove(baseline?),
                (false, _) => self.per.value.unwrap_or(Per::Contract),
            };
            return Some(Measure::Usage { value, meters, per });
        }
        if let Some(window) = self.growth.value {
            let (against, retained) = (self.against.or(Against::Rolling), self.retained.or(Exact::ONE));
            return Some(Measure::Growth { window, against, retained, meters });
        }
        if let Some(name) = self.metric.value {
            return Some(Measure::Metric { name, take: self.take.or(Reading::Last) });
        }
        if let Some(kind) = self.retention.value {
            return Some(Measure::Retention { kind, over: self.over.or(OVER), meters });
        }
        let name = self.signal.value?;
        if !self.value.is_written() {
            // Plan.md marks it as no option, and guessing would pay a rate on a count, or a count on a value.
            return report.wrong(self.spot, MeasureRefusal::SignalWithoutValue);
        }
        Some(Measure::Signal { name, value: self.value.value? })
    }
}

#[cfg(test)]
mod tests {
    use crate::check::example::{HEAD, refused};

    #[test]
    fn measures_have_one_kind_and_its_keys() {
        for (measure, code, meant) in [
            ("{}", "plan-measure", "{}"),
            ("{ booking = \"arr\", usage = \"amount\" }", "plan-measure", "usage"),
            ("{ usage = \"money\" }", "plan-value", "\"money\""),
            ("{ signal = \"s\" }", "plan-missing", "{ signal = \"s\" }"),
            ("{ signal = \"s\", value = \"sum\" }", "plan-value", "\"sum\""),
            ("{ booking = \"arr\", meter = \"m\" }", "plan-no-effect", "meter"),
            ("{ usage = \"amount\", value = \"count\" }", "plan-no-effect", "value"),
            ("{ usage = \"amount\", pays = \"arr\" }", "plan-no-effect", "pays"),
            ("{ usage = \"amount\", meters = [\"m\"] }", "plan-unknown-key", "meters"),
            ("{ usage = \"amount\", meter = [] }", "plan-empty", "[]"),
            ("{ usage = \"amount\", per = \"week\" }", "plan-value", "\"week\""),
            ("{ usage = \"amount\", baseline = {} }", "plan-measure", "{}"),
            ("{ usage = \"amount\", baseline = { percent = \"5%\" } }", "plan-measure", "{ percent = \"5%\" }"),
            ("{ usage = \"amount\", per = \"contract\", baseline = { amount = \"5\" } }", "plan-measure", "baseline"),
            ("{ booking = \"arr\", baseline = { amount = \"5\" } }", "plan-no-effect", "baseline"),
            ("{ growth = \"0 days\" }", "plan-value", "\"0 days\""),
            ("{ growth = \"90 days\", against = \"peak\" }", "plan-value", "\"peak\""),
            ("{ usage = \"amount\", retained = \"90%\" }", "plan-no-effect", "retained"),
            ("{ growth = \"90 days\", over = \"90 days\" }", "plan-no-effect", "over"),
            ("{ signal = \"s\", value = \"count\", take = \"last\" }", "plan-no-effect", "take"),
            ("\"arr\"", "plan-value", "\"arr\""),
        ] {
            let text = format!("{HEAD}[[component]]\nid = \"c\"\nmeasure = {measure}\nrate = \"10%\"\n");
            assert_eq!(refused(&text), [(code, meant.to_owned())], "{measure}");
        }
    }
}
