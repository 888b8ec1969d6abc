//! `measure`: what a component counts (calculation.md 4).

use ledger::id::Name;
use ledger::problem::one_of;

use crate::plan::{BookingValue, Measure, SignalValue, UsageValue};
use crate::read::report::{Report, Spot};
use crate::read::table::{Mark, Said, Table, Value, written};
use crate::read::value;

const USAGE: [(&str, UsageValue); 2] = [("amount", UsageValue::Amount), ("quantity", UsageValue::Quantity)];
const SIGNAL: [(&str, SignalValue); 2] = [("count", SignalValue::Count), ("value", SignalValue::Value)];

/// Keys of measures that are known but not calculated yet.
const LATER: [&str; 6] = ["per", "baseline", "against", "retained", "take", "over"];

struct MeasureText {
    spot: Spot,
    booking: Said<BookingValue>,
    usage: Said<UsageValue>,
    signal: Said<Name>,
    /// Growth, metric, retention.
    later: [Said<()>; 3],
    value: Said<SignalValue>,
    meter: Said<Vec<Name>>,
}

pub fn measure<'t>(value: &'t Value<'t>, report: &mut Report<'_>) -> Option<Measure> {
    let mut table = Table::of(value, "a measure", report)?;
    let text = MeasureText {
        spot: table.spot,
        booking: table.take("booking", booking, report),
        usage: table.take("usage", |value, report| value::word(value, &USAGE, report), report),
        signal: table.take("signal", value::name, report),
        later: ["growth", "metric", "retention"].map(|name| table.later(name, report)),
        value: table.take("value", |value, report| value::word(value, &SIGNAL, report), report),
        meter: table.take("meter", value::names, report),
    };
    for name in LATER {
        table.later(name, report);
    }
    table.finish(report)?;
    text.one_kind(report)?;
    text.only_its_keys(report);
    text.measure(report)
}

fn booking(value: &Value<'_>, report: &mut Report<'_>) -> Option<BookingValue> {
    let name = value::name(value, report)?;
    Some(match name.as_str() {
        "arr" => BookingValue::Arr,
        "tcv" => BookingValue::Tcv,
        "count" => BookingValue::Count,
        _ => BookingValue::Named(name),
    })
}

impl MeasureText {
    fn kinds(&self) -> Vec<Mark> {
        let [growth, metric, retention] = &self.later;
        let marks = [self.booking.mark(), self.usage.mark(), self.signal.mark()];
        written(marks).into_iter().chain(written([growth.mark(), metric.mark(), retention.mark()])).collect()
    }

    fn one_kind(&self, report: &mut Report<'_>) -> Option<()> {
        let kinds = self.kinds();
        let all = [self.booking.name, self.usage.name, self.signal.name]
            .into_iter()
            .chain(self.later.iter().map(|later| later.name));
        let help = format!("write exactly one of {}", one_of(all));
        match kinds.as_slice() {
            [] => report.wrong(self.spot, "plan-measure", "`measure` measures nothing", help),
            [_] => Some(()),
            [first, second, ..] => {
                let message = format!("`{}` stands beside `{}` in one measure", second.name, first.name);
                report.wrong(second.key, "plan-measure", message, help)
            }
        }
    }

    /// Keys of one kind do nothing beside another; those of a kind that is refused as a whole are left alone.
    fn only_its_keys(&self, report: &mut Report<'_>) {
        let refused = self.later.iter().any(Said::is_written);
        for (key, belongs) in [(self.value.mark(), &self.signal.mark()), (self.meter.mark(), &self.usage.mark())] {
            if let (Some(key), None, false) = (key, belongs, refused) {
                let message = format!("`{}` does nothing in this measure", key.name);
                let help = format!("leave `{}` out; `value` goes with `signal`, `meter` with `usage`", key.name);
                report.refuse(key.key, "plan-no-effect", message, help);
            }
        }
    }

    fn measure(self, report: &mut Report<'_>) -> Option<Measure> {
        if let Some(booking) = self.booking.value {
            return Some(Measure::Booking(booking));
        }
        if let Some(value) = self.usage.value {
            return Some(Measure::Usage { value, meters: self.meter.or(Vec::new()) });
        }
        let name = self.signal.value?;
        if !self.value.is_written() {
            // Plan.md marks it as no option, and guessing would pay a rate on a count, or a count on a value.
            let help = "add `value = \"count\"` for one each, or `value = \"value\"` for what the signal says";
            return report.wrong(self.spot, "plan-missing", "`value` is missing beside `signal`", help);
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
            ("{ usage = \"amount\", meters = [\"m\"] }", "plan-unknown-key", "meters"),
            ("{ usage = \"amount\", meter = [] }", "plan-empty", "[]"),
            ("{ usage = \"amount\", per = \"month\" }", "plan-not-yet", "per"),
            ("\"arr\"", "plan-value", "\"arr\""),
        ] {
            let text = format!("{HEAD}[[component]]\nid = \"c\"\nmeasure = {measure}\nrate = \"10%\"\n");
            assert_eq!(refused(&text), [(code, meant.to_owned())], "{measure}");
        }
    }
}
