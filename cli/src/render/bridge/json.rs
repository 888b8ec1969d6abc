//! A bridge as published JSON.

use ledger::date::{Day, Month};
use ledger::id::{ComponentId, PayeeId, PlanId};
use ledger::money::{Currency, Money};
use projections::lines::LineName;
use replay::bridge::rows::{Bridge, BridgeCause, BridgeComponent, BridgeEnd, BridgeRow, BridgeTotal, EndAmounts};
use replay::statements::statement::positions;
use serde::Serialize;

use crate::render::bridge::shifts::{AttainmentShift, ShiftJson};
use crate::render::bridge::withheld::FrozenLines;
use crate::render::json::AsText;

/// The members that `diff` and `whatif` share.
#[derive(Serialize)]
pub struct BridgeJson<'b> {
    from: EndJson,
    to: EndJson,
    rows: Vec<RowJson<'b>>,
    totals: Vec<BridgeTotalJson>,
    by_payee: Vec<PayeeTotalJson>,
    by_component: Vec<ComponentTotalJson>,
    unexplained: Vec<MoneyJson>,
}

#[derive(Serialize)]
struct EndJson {
    size: u64,
    period: AsText<Month>,
    amounts: &'static str,
}

#[derive(Serialize)]
struct RowJson<'b> {
    payee: AsText<&'b PayeeId>,
    currency: AsText<Currency>,
    line: AsText<&'b LineName>,
    a: AsText<Money>,
    b: AsText<Money>,
    difference: AsText<Money>,
    due: AsText<Day>,
    causes: Vec<CauseJson>,
    unexplained: AsText<Money>,
}

#[derive(Serialize)]
struct CauseJson {
    group: &'static str,
    effect: &'static str,
    what: String,
    positions: Vec<String>,
    amount: AsText<Money>,
}

#[derive(Serialize)]
struct BridgeTotalJson {
    currency: AsText<Currency>,
    a: AsText<Money>,
    b: AsText<Money>,
    difference: AsText<Money>,
    lines: usize,
    unchanged: usize,
    causes: Vec<CauseJson>,
    unexplained: AsText<Money>,
}

#[derive(Serialize)]
struct PayeeTotalJson {
    payee: AsText<PayeeId>,
    #[serde(flatten)]
    total: BridgeTotalJson,
}

#[derive(Serialize)]
struct ComponentTotalJson {
    plan: Option<AsText<PlanId>>,
    component: AsText<ComponentId>,
    #[serde(flatten)]
    total: BridgeTotalJson,
}

#[derive(Serialize)]
struct MoneyJson {
    currency: AsText<Currency>,
    amount: AsText<Money>,
}

impl EndJson {
    fn of(end: &BridgeEnd) -> EndJson {
        let amounts = match end.amounts {
            EndAmounts::Posted => "posted",
            EndAmounts::Derived => "derived",
            EndAmounts::Previewed => "previewed",
        };
        EndJson { size: end.known, period: AsText(end.period), amounts }
    }
}

impl CauseJson {
    fn of(cause: &BridgeCause) -> CauseJson {
        CauseJson {
            group: cause.group.word(),
            effect: cause.effect.word(),
            what: cause.what(),
            positions: positions(&cause.positions),
            amount: AsText(cause.amount),
        }
    }
}

impl RowJson<'_> {
    fn of(row: &BridgeRow) -> RowJson<'_> {
        RowJson {
            payee: AsText(&row.holder.0),
            currency: AsText(row.holder.1),
            line: AsText(&row.line),
            a: AsText(row.a),
            b: AsText(row.b),
            difference: AsText(row.difference()),
            due: AsText(row.due),
            causes: row.causes.iter().map(CauseJson::of).collect(),
            unexplained: AsText(row.unexplained()),
        }
    }
}

impl BridgeTotalJson {
    fn of(total: &BridgeTotal) -> BridgeTotalJson {
        BridgeTotalJson {
            currency: AsText(total.a.currency),
            a: AsText(total.a),
            b: AsText(total.b),
            difference: AsText(total.difference()),
            lines: total.lines,
            unchanged: total.unchanged,
            causes: total.causes.iter().map(CauseJson::of).collect(),
            unexplained: AsText(total.unexplained()),
        }
    }
}

impl BridgeJson<'_> {
    pub fn of(bridge: &Bridge) -> BridgeJson<'_> {
        let totals = bridge.totals();
        let unexplained =
            |total: &BridgeTotal| MoneyJson { currency: AsText(total.a.currency), amount: AsText(total.unexplained()) };
        let payee = |((payee, _), total): &((PayeeId, Currency), BridgeTotal)| PayeeTotalJson {
            payee: AsText(payee.clone()),
            total: BridgeTotalJson::of(total),
        };
        let component = |(key, total): &((BridgeComponent, Currency), BridgeTotal)| {
            let ((plan, component), _) = key;
            let plan = plan.clone().map(AsText);
            ComponentTotalJson { plan, component: AsText(component.clone()), total: BridgeTotalJson::of(total) }
        };
        BridgeJson {
            from: EndJson::of(&bridge.from),
            to: EndJson::of(&bridge.to),
            rows: bridge.rows.iter().map(RowJson::of).collect(),
            by_payee: bridge.by_payee().iter().map(payee).collect(),
            by_component: bridge.by_component().iter().map(component).collect(),
            unexplained: totals.iter().map(unexplained).collect(),
            totals: totals.iter().map(BridgeTotalJson::of).collect(),
        }
    }
}

/// What `whatif` prints.
#[derive(Serialize)]
pub struct WhatIfJson<'b> {
    #[serde(flatten)]
    bridge: BridgeJson<'b>,
    attainment: Vec<ShiftJson<'b>>,
    withheld: Option<FrozenJson>,
}

#[derive(Serialize)]
struct FrozenJson {
    frozen: AsText<Day>,
    totals: Vec<FrozenTotalJson>,
}

#[derive(Serialize)]
struct FrozenTotalJson {
    currency: AsText<Currency>,
    lines: usize,
    difference: AsText<Money>,
}

impl WhatIfJson<'_> {
    pub fn of<'b>(bridge: &'b Bridge, shifts: &[AttainmentShift<'b>], frozen: Option<&FrozenLines>) -> WhatIfJson<'b> {
        WhatIfJson {
            bridge: BridgeJson::of(bridge),
            attainment: shifts.iter().map(ShiftJson::of).collect(),
            withheld: frozen.map(FrozenJson::of),
        }
    }
}

impl FrozenJson {
    fn of(frozen: &FrozenLines) -> FrozenJson {
        let total = |(currency, (lines, difference)): (&Currency, &(usize, Money))| FrozenTotalJson {
            currency: AsText(*currency),
            lines: *lines,
            difference: AsText(*difference),
        };
        FrozenJson { frozen: AsText(frozen.until), totals: frozen.lines.iter().map(total).collect() }
    }
}
