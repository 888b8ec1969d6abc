//! The mappings of the folder `mappings` make of their samples what docs/mappings says.

use std::path::{Path, PathBuf};

use crate::support::TestBook;

fn mappings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../mappings")
}

/// A book with two sellers, and what the mapping made of the sample.
fn made(map: &str, sample: &str, zone: &str) -> TestBook {
    let book = TestBook::new();
    book.done(&["init", "--name", "acme", "--timezone", zone]);
    let seller = |payee: &str| {
        format!("{{\"fact\": \"payee\", \"at\": \"2027-01-01\", \"payee\": \"{payee}\", \"currency\": \"USD\"}}\n")
    };
    book.done(&["record", &book.write("sellers.jsonl", &(seller("june") + &seller("kofi")))]);
    let (map, sample) = (mappings().join(map), mappings().join(sample));
    let output = book.run(&["record", "--map", &map.display().to_string(), &sample.display().to_string()]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && !said.contains("warning[map-"), "{said}");
    // Again, and nothing is new.
    let again = book.json(&["record", "--map", &map.display().to_string(), &sample.display().to_string()]);
    assert_eq!((again["new"].as_u64(), again["restated"].as_u64()), (Some(0), Some(0)), "{again}");
    book
}

fn shares(of: &[(&str, &str)]) -> String {
    let share = |(payee, percent): &(&str, &str)| {
        format!("{{\"payee\":\"{payee}\",\"percent\":\"{percent}\",\"role\":\"primary\"}}")
    };
    format!("[{}]", of.iter().map(share).collect::<Vec<_>>().join(","))
}

#[test]
fn salesforce_opportunities_become_bookings_with_splits() {
    let book = made("salesforce/opportunities.toml", "salesforce/sample.csv", "America/New_York");
    let found =
        book.in_force("booking", &["booking", "at", "account", "motion", "months", "arr", "tcv", "currency", "credit"]);
    let expected = [
        format!(
            "0068d00000Lk1AAE 2027-01-12 0018d00000Em1 new-logo null 240000 null USD {}",
            shares(&[("june", "60%"), ("kofi", "40%")])
        ),
        format!("0068d00000Lk2AAE 2027-02-20 0018d00000Fl1 new-logo 24 90000 null USD {}", shares(&[("kofi", "100%")])),
        format!(
            "0068d00000Lk3AAE 2027-03-15 0018d00000Cr1 expansion null 60000 null EUR {}",
            shares(&[("june", "100%")])
        ),
    ];
    assert_eq!(found, expected);
    assert_eq!(book.in_force("account", &["account"]).len(), 3);
}

#[test]
fn hubspot_deals_become_bookings() {
    let book = made("hubspot/deals.toml", "hubspot/sample.csv", "America/New_York");
    let found = book.in_force("booking", &["booking", "at", "account", "motion", "arr", "tcv", "currency", "credit"]);
    let expected = [
        format!("hs-19834001 2027-01-12 8801 new-logo 120000 null USD {}", shares(&[("june", "100%")])),
        format!("hs-19834002 2027-02-28 8802 new-logo 36000 72000 USD {}", shares(&[("kofi", "100%")])),
        format!("hs-19834003 2027-03-15 8801 expansion 24000 null USD {}", shares(&[("june", "100%")])),
    ];
    assert_eq!(found, expected);
}

#[test]
fn stripe_invoices_become_signals_and_metered_lines_usage() {
    let book = made("stripe/invoices.toml", "stripe/invoices.csv", "America/New_York");
    let found = book.in_force("signal", &["account", "at", "signal", "value", "currency", "source"]);
    let expected = [
        "cus_ember 2027-01-31 invoice-paid 24100 USD stripe:in_1Qa01",
        "cus_ember 2027-02-28 invoice-paid 18501 USD stripe:in_1Qa03",
    ];
    assert_eq!(found, expected);
    let book = made("stripe/usage.toml", "stripe/usage.jsonl", "America/New_York");
    let found = book.in_force("usage-snapshot", &["account", "meter", "from", "to", "amount", "quantity", "currency"]);
    let expected = [
        "cus_ember price_credits 2027-01-01 2027-01-31 241 120.5 USD",
        "cus_ember price_storage 2027-01-01 2027-01-31 25.01 1000 USD",
    ];
    assert_eq!(found, expected);
}

#[test]
fn events_of_meters_become_usage_by_day() {
    let book = made("openmeter/events.toml", "openmeter/events.jsonl", "Europe/Vienna");
    let found = book.in_force("usage-snapshot", &["account", "meter", "from", "to", "quantity", "amount", "currency"]);
    let expected = ["acme tokens 2027-01-05 2027-01-05 200000 4 USD", "bolt tokens 2027-01-05 2027-01-05 50125 1 USD"];
    assert_eq!(found, expected);
}

#[test]
fn cloud_costs_become_usage_by_day() {
    let book = made("focus/costs.toml", "focus/costs.csv", "America/New_York");
    let found = book.in_force("usage-snapshot", &["account", "from", "to", "amount", "currency"]);
    let expected = [
        "acme 2027-02-01 2027-02-01 110.5 USD",
        "acme 2027-02-02 2027-02-02 111 USD",
        "bolt 2027-02-28 2027-02-28 -10 USD",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_plain_spreadsheet_becomes_bookings() {
    let expected = [
        format!("D-1 2027-01-12 acme 12000 EUR {}", shares(&[("june", "100%")])),
        format!("D-2 2027-02-20 bolt 8400.5 EUR {}", shares(&[("june", "60%"), ("kofi", "40%")])),
    ];
    for sample in ["spreadsheet/sample.csv", "spreadsheet/sample.xlsx", "spreadsheet/sample.ods"] {
        let book = made("spreadsheet/deals.toml", sample, "Europe/Vienna");
        let found = book.in_force("booking", &["booking", "at", "account", "arr", "currency", "credit"]);
        assert_eq!(found, expected, "{sample}");
    }
}
