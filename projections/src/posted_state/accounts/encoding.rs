//! The balances of accounts as flat bytes, for snapshots.

use std::collections::BTreeMap;

use ledger::id::{ComponentId, PlanId};

use super::{LedgerAccounts, SharedAccount};
use crate::encoding::{self, Decoder, Encoder};
use crate::knowledge::encoding::{code, currency};
use crate::lines::encoding::{read_holders, write_holders};

impl LedgerAccounts {
    /// Writes the balances.
    pub fn write(&self, out: &mut Encoder<'_>) {
        let commission = || {
            let components = self
                .commission
                .iter()
                .flat_map(|(plan, all)| all.iter().map(move |(component, of)| (plan, component, of)));
            components.flat_map(|(plan, component, of)| of.iter().map(move |of| (plan, component, of)))
        };
        out.texts(commission().map(|(plan, ..)| plan.as_ref().map_or("", PlanId::as_str)));
        out.texts(commission().map(|(_, component, _)| component.as_str()));
        out.column(commission().map(|(.., (currency, _))| code(*currency)));
        out.column(commission().map(|(.., (_, balance))| *balance));
        out.column(self.shared.keys().map(|(account, _)| *account as u8));
        out.column(self.shared.keys().map(|(_, currency)| code(*currency)));
        out.column(self.shared.values().copied());
        write_holders(self.of_payees.keys(), out);
        out.column(self.of_payees.values().flatten().copied());
    }

    /// Reads what [`LedgerAccounts::write`] wrote. `None` if the bytes are not that.
    pub fn read(reader: &mut Decoder<'_>) -> Option<LedgerAccounts> {
        let mut accounts = LedgerAccounts::default();
        let (mut plans, mut components) = (reader.texts()?, reader.texts()?);
        let (mut codes, mut balances) = (reader.column()?, reader.column::<i128>()?);
        for _ in 0..plans.len() {
            let plan = encoding::name(plans.next()?)?.map(PlanId);
            let component = ComponentId::new(components.next()?)?;
            let of = accounts.commission.entry(plan).or_default().entry(component).or_default();
            of.insert(currency(&mut codes)?, balances.next()?);
        }
        let (kinds, mut codes, mut balances) = (reader.column::<u8>()?, reader.column()?, reader.column::<i128>()?);
        for kind in kinds.all() {
            let account = *SharedAccount::ALL.get(usize::from(kind))?;
            accounts.shared.insert((account, currency(&mut codes)?), balances.next()?);
        }
        let holders = read_holders(reader)?;
        let mut balances = reader.column::<i128>()?;
        let mut four = || Some([balances.next()?, balances.next()?, balances.next()?, balances.next()?]);
        let all: Option<BTreeMap<_, _>> = holders.into_iter().map(|holder| Some((holder, four()?))).collect();
        accounts.of_payees = all?;
        Some(accounts)
    }
}
