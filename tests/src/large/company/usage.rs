//! What customers use: a snapshot a day of every contract in force.

use std::io::{BufWriter, Write};
use std::path::Path;

use ledger::date::{Day, Month};

use super::chance;
use super::contract::Slot;
use super::facts::cents;
use super::world::World;

impl World {
    /// Writes the month's snapshots, day by day as a feed brings them; how many.
    pub fn usage(&self, month: Month, path: &Path) -> u64 {
        let mut file = BufWriter::with_capacity(1 << 20, std::fs::File::create(path).expect("a file"));
        let mut count = 0;
        let slots: Vec<(usize, &Slot)> = self.ended.iter().chain(&self.slots).enumerate().collect();
        for day in (0..month.days()).map(|days| month.first().plus_days(days)) {
            for (number, slot) in &slots {
                if slot.from <= day && slot.until.is_none_or(|until| day <= until) {
                    writeln!(file, "{}", slot.usage(*number, day, 100)).expect("written");
                    count += 1;
                }
            }
        }
        file.flush().expect("written");
        count
    }
}

impl Slot {
    /// A day's snapshot; `percent` of it where it is restated.
    pub fn usage(&self, number: usize, day: Day, percent: i64) -> String {
        let months = i64::from(self.from.days_to(day)) / 30;
        let noise = 700 + (chance::of(number as u64, day.number() as u64) % 600) as i64;
        let daily = self.arr * 100 / 365 * self.burn / 1000;
        let amount = daily * (1000 + self.drift * months).max(100) / 1000 * noise / 1000 * percent / 100;
        let contract =
            self.contract.as_ref().map(|contract| format!("\"contract\":\"{contract}\",")).unwrap_or_default();
        let metered =
            if self.metered { format!("\"meter\":\"tokens\",\"quantity\":\"{}\",", amount / 3) } else { String::new() };
        format!(
            "{{\"fact\":\"usage-snapshot\",\"account\":\"{}\",{contract}{metered}\"from\":\"{day}\",\"to\":\"{day}\",\"amount\":\"{}\",\"currency\":\"{}\"}}",
            self.account,
            cents(amount),
            self.currency
        )
    }
}
