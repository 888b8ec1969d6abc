//! Worked examples that others have published in manuals, guides and schoolbooks, each as a plan and facts that must give
//! the published figure. Dates are moved to 2027; names and amounts are theirs.

use serde_json::Value;

use crate::explanations::check_statement;
use crate::support::TestBook;

const HEAD: &str = "plan = \"p\"\nversion = 1\nedition = 1\ncurrency = \"USD\"\neffective = 2027-01-01\n";
const BOOKINGS: &str = "[[component]]\nid = \"c\"\nmeasure = { booking = \"arr\" }\ncancellation = \"restate\"\n";

/// A book with one plan, in which months are closed one after the other.
struct Book {
    test_book: TestBook,
    closed: u32,
}

impl Book {
    /// Ana is assigned the plan from a day on, with more fields where they are needed.
    fn of(plan: &str, from: &str, more: &str) -> Book {
        let book = Book { test_book: TestBook::with_book(), closed: 0 };
        book.test_book.write("p.toml", &format!("{HEAD}{plan}"));
        book.test_book.done(&["plan", "publish", "p.toml"]);
        book.record(r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana"}"#);
        book.record(&format!(r#"{{"fact": "assignment", "at": "{from}", "payee": "ana", "plan": "p"{more}}}"#));
        book
    }

    fn record(&self, fact: &str) {
        self.test_book.write("fact.jsonl", &format!("{fact}\n"));
        self.test_book.done(&["record", "fact.jsonl"]);
    }

    /// A booking that is Ana's alone; its id is its day.
    fn sold(&self, day: &str, amount: &str) {
        self.credited(day, amount, r#"{"payee": "ana", "percent": "100%"}"#);
    }

    fn credited(&self, day: &str, amount: &str, shares: &str) {
        self.record(&format!(
            r#"{{"fact": "booking", "at": "{day}", "booking": "{day}", "account": "x", "arr": "{amount}", "currency": "USD", "credit": [{shares}]}}"#
        ));
    }

    /// Closes up to a month of 2027 and gives its statements.
    fn close(&mut self, month: u32) -> Value {
        for month in self.closed + 1..=month {
            self.test_book.done(&["close", &format!("2027-{month:02}")]);
        }
        self.closed = self.closed.max(month);
        let statements = self.test_book.json(&["statement", "--all", &format!("2027-{month:02}")]);
        statements.as_array().expect("an array").iter().for_each(check_statement);
        statements
    }

    /// What Ana is paid for a month, and what is drawn then.
    fn paid(&mut self, month: u32) -> (String, String) {
        let all = self.close(month);
        let ana = of(&all, "ana");
        (text(&ana["settlement"]["pay"]), text(&ana["closing"]["draw"]))
    }

    /// Ana's lines of a month, by item.
    fn lines(&mut self, month: u32) -> Vec<String> {
        let all = self.close(month);
        of(&all, "ana")["lines"].as_array().expect("lines").iter().map(|line| text(&line["amount"])).collect()
    }
}

fn of<'v>(statements: &'v Value, payee: &str) -> &'v Value {
    let statements = statements.as_array().expect("an array");
    statements.iter().find(|one| one["payee"] == payee).unwrap_or_else(|| panic!("{payee} has no statement"))
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

fn bookings(keys: &str) -> String {
    format!("{BOOKINGS}{keys}\n")
}

// Tiers --------------------------------------------------------------------------------------------------------------

/// Oracle Incentive Compensation, "Examples of Calculating Earnings Using Step Rates", transactions processed
/// individually (docs.oracle.com/en/cloud/saas/sales/facmi/examples-of-calculating-earnings-using-step-rates.html).
#[test]
fn oracle_step_rates_for_each_transaction() {
    let tiers = "tiers = [{ from = \"1000\", rate = \"2%\" }, { from = \"3000\", rate = \"3%\" }, { from = \"8000\", rate = \"5%\" }]";
    let mut book = Book::of(&bookings(&format!("rate = \"1%\"\nmode = \"per-item\"\n{tiers}")), "2027-01-01", "");
    oracle_transactions(&book);
    assert_eq!(book.lines(1), ["2.00", "3.00", "20.00"]);
    assert_eq!(book.lines(2), ["14.00", "30.00"]);
    assert_eq!(book.lines(3), ["95.00"]);
}

fn oracle_transactions(book: &Book) {
    for (day, amount) in [
        ("2027-01-01", "200"),
        ("2027-01-02", "300"),
        ("2027-01-15", "1500"),
        ("2027-02-01", "1200"),
        ("2027-02-15", "2000"),
        ("2027-03-01", "4500"),
    ] {
        book.sold(day, amount);
    }
}

/// The same vendor, "Examples of Calculating Earnings Using Interpolated Rates": amounts for tiers, in proportion
/// within
/// (docs.oracle.com/cd/G11809_01/trans/F77870-03/examples-of-calculating-earnings-using-interpolated-rates.html).
#[test]
fn oracle_interpolated_amounts_for_each_transaction() {
    let points = [("0", "0"), ("1000", "10"), ("3000", "50"), ("8000", "150"), ("20000", "2150")];
    let points = points.map(|(at, pay)| format!("{{ at = \"{at}\", pay = \"{pay}\" }}")).join(", ");
    let mut book = Book::of(&bookings(&format!("curve = [{points}]\nmode = \"per-item\"")), "2027-01-01", "");
    oracle_transactions(&book);
    assert_eq!(book.lines(1), ["2.00", "3.00", "20.00"]);
    assert_eq!(book.lines(2), ["14.00", "30.00"]);
    assert_eq!(book.lines(3), ["80.00"]);
}

/// The same vendor, "Options for Splitting Attainment Numbers Across Rate Tiers": the rate of the highest tier for all
/// of it, or each rate within its tier (15,000 is 1 % of 10,000 and 2 % of 5,000). The amounts follow from the page's
/// rates (docs.oracle.com/en/cloud/saas/sales/facmi/options-for-splitting-attainment-numbers-across-rate-tiers.html).
#[test]
fn oracle_flat_and_ramp_commission() {
    let tiers = "tiers = [{ from = \"10000\", rate = \"2%\" }, { from = \"50000\", rate = \"3%\" }, { from = \"100000\", rate = \"4%\" }]";
    for (mode, paid) in [("retroactive", ["50.00", "300.00", "1800.00"]), ("marginal", ["50.00", "200.00", "1200.00"])]
    {
        let mut book = Book::of(&bookings(&format!("rate = \"1%\"\nmode = \"{mode}\"\n{tiers}")), "2027-01-01", "");
        for (month, (amount, paid)) in ["5000", "15000", "60000"].iter().zip(paid).enumerate() {
            book.sold(&format!("2027-{:02}-10", month + 1), amount);
            assert_eq!(book.lines(month as u32 + 1), [paid], "{mode}");
        }
    }
}

/// Sage HRMS, "About Progressive or Non-Progressive Calculation Sales": 6,800 earn 770 or 1,020
/// (help-hrms.na.sage.com).
#[test]
fn sage_progressive_and_not() {
    for (mode, earned) in [("marginal", "770.00"), ("retroactive", "1020.00")] {
        let keys = format!("rate = \"10%\"\nmode = \"{mode}\"\ntiers = [{{ from = \"5000\", rate = \"15%\" }}]");
        let mut book = Book::of(&bookings(&keys), "2027-01-01", "");
        book.sold("2027-01-10", "6800");
        assert_eq!(book.lines(1), [earned]);
    }
}

/// SAP SuccessFactors Incentive Management, "Managing Rate Tables" (learning.sap.com): 3 % below quota, 5 % above, and
/// 104,000 of 100,000. Step commission pays only the 4 % above quota at the higher rate, straight commission all of it.
#[test]
fn sap_step_and_straight_commission() {
    for (mode, earned) in [("marginal", "3200.00"), ("retroactive", "5200.00")] {
        let keys = format!(
            "quota = \"100000\"\nrate = \"3%\"\nmode = \"{mode}\"\ntiers = [{{ from = \"100%\", rate = \"5%\" }}]"
        );
        let mut book = Book::of(&bookings(&keys), "2027-01-01", "");
        book.sold("2027-01-10", "104000");
        assert_eq!(book.lines(1), [earned]);
    }
}

/// Prowi, "Quota Attainment" (prowi.io/en/glossary/quota-attainment): nothing below half of the quota, and 130 % of
/// 250,000 earn 10,000 + 7,500 + 1,875.
#[test]
fn prowi_threshold_and_three_accelerators() {
    let tiers = "tiers = [{ from = \"50%\", rate = \"8%\" }, { from = \"100%\", rate = \"12%\" }, { from = \"125%\", rate = \"15%\" }]";
    let keys = format!("quota = \"250000\"\nrate = \"0%\"\nperiod = \"quarter\"\n{tiers}");
    let mut book = Book::of(&bookings(&keys), "2027-01-01", "");
    for (day, amount, earned) in [
        ("2027-01-05", "125000", "0.00"),
        ("2027-01-06", "125000", "10000.00"),
        ("2027-01-07", "62500", "7500.00"),
        ("2027-01-08", "12500", "1875.00"),
    ] {
        book.sold(day, amount);
        let preview = book.test_book.json(&["preview", "2027-01"]);
        if earned != "0.00" {
            let lines = of(&preview["statements"], "ana")["lines"].as_array().expect("lines");
            assert_eq!(text(&lines.last().expect("a line")["amount"]), earned);
        }
    }
    assert_eq!(book.paid(1).0, "19375.00");
}

/// A schoolbook's graduated commission (lessonup.com, "Graduated Commission"): 9,840 sold earn 40 + 120 + 547.20.
#[test]
fn a_schoolbooks_graduated_commission() {
    let tiers = "tiers = [{ from = \"1000\", rate = \"6%\" }, { from = \"3000\", rate = \"8%\" }]";
    let mut book = Book::of(&bookings(&format!("rate = \"4%\"\n{tiers}")), "2027-01-01", "");
    book.sold("2027-01-10", "9840");
    assert_eq!(book.lines(1), ["707.20"]);
}

/// SparrowGenie, "Capped Commission" (sparrowgenie.com/sales-commission-models/capped-commission): 3 % of 400,000 would
/// be 12,000, and the cap is 10,000.
#[test]
fn sparrowgenie_hard_cap() {
    let mut book = Book::of(&bookings("rate = \"3%\"\ncap = \"10000\""), "2027-01-01", "");
    book.sold("2027-01-10", "300000");
    book.sold("2027-01-20", "100000");
    assert_eq!(book.lines(1), ["9000.00", "1000.00"]);
}

// Quotas, targets, levels --------------------------------------------------------------------------------------------

/// BonusPayCalc, "Bonus payout curve explained" (bonuspaycalc.com/guides/bonus-payout-curve-explained.html): 10,000 at
/// a quota of 100,000, nothing up to 70 %, double pace above 100 %, at most 200 %. 85,000 pay 5,000; 120,000 pay
/// 14,000.
#[test]
fn bonuspaycalc_payout_curve() {
    let curve = "curve = [{ at = \"70%\", pay = \"0%\" }, { at = \"100%\", pay = \"100%\" }, { at = \"150%\", pay = \"200%\" }]";
    let keys = format!("target = \"100%\"\nquota = \"100000\"\nperiod = \"year\"\n{curve}");
    for (amount, paid) in [("85000", "5000.00"), ("120000", "14000.00"), ("100000", "10000.00"), ("180000", "20000.00")]
    {
        let mut book = Book::of(&bookings(&keys), "2027-01-01", r#", "target": "10000""#);
        book.sold("2027-01-10", amount);
        assert_eq!(book.lines(12), [paid], "{amount}");
    }
}

/// Salesforce Spiff, "Create a Basic Attainment Rule with an Individual Commission Rate" (help.salesforce.com): a
/// quarter's quota of 250,000 and 25,000 on target; a deal of 10,000 pays 1,000, as a rate or as a part of the target.
#[test]
fn spiff_individual_rate_and_attainment() {
    let rate = bookings("rate = \"assigned\"\nquota = \"250000\"\nperiod = \"quarter\"");
    let mut book = Book::of(&rate, "2027-01-01", r#", "rates": {"c": "10%"}"#);
    book.sold("2027-02-10", "10000");
    assert_eq!(book.lines(2), ["1000.00"]);
    let curve = "curve = [{ at = \"0%\", pay = \"0%\" }, { at = \"100%\", pay = \"100%\" }]";
    let target = bookings(&format!("target = \"100%\"\nquota = \"250000\"\nperiod = \"quarter\"\n{curve}"));
    let mut book = Book::of(&target, "2027-01-01", r#", "target": "100000""#);
    book.sold("2027-02-10", "10000");
    assert_eq!(book.lines(3), ["1000.00"]);
}

/// Himodus, "Quarterly Quota" (wiki.himodus.com): months of 0 %, 25 % and 50 % of 100,000 make a quarter of 75,000 and
/// not of 300,000.
#[test]
fn himodus_ramp_by_month() {
    let keys = "rate = \"5%\"\nquota = \"300000\"\nperiod = \"quarter\"\nramp = [\"0%\", \"25%\", \"50%\"]";
    let mut book = Book::of(&bookings(keys), "2027-01-01", "");
    book.sold("2027-03-10", "60000");
    let all = book.close(3);
    let row = &of(&all, "ana")["attainment"][0];
    assert_eq!((text(&row["quota"]), text(&row["percent"])), ("75000.00".to_owned(), "80.00".to_owned()));
}

/// Quickbase community, "Formula to Prorate a Quota" (community.quickbase.com): 100,000 a year, of which quarters are
/// 20, 20, 20 and 40 %, from the first of March on: 6,667, 20,000, 20,000 and 40,000.
#[test]
fn quickbase_prorated_seasonal_quota() {
    let keys = "rate = \"5%\"\nquota = \"assigned\"\nperiod = \"quarter\"";
    let mut book = Book::of(&bookings(keys), "2027-03-01", r#", "quota": {"c": "20000"}"#);
    book.record(
        r#"{"fact": "quota", "at": "2027-10-01", "payee": "ana", "plan": "p", "component": "c", "amount": "40000"}"#,
    );
    for (month, quota) in [(3, "6666.67"), (6, "20000.00"), (9, "20000.00"), (12, "40000.00")] {
        book.sold(&format!("2027-{month:02}-10"), "1000");
        let all = book.close(month);
        let rows = of(&all, "ana")["attainment"].as_array().expect("rows");
        assert_eq!(text(&rows.last().expect("a row")["quota"]), quota);
    }
}

/// ChurnZero, "Net Revenue Retention" (churnzero.net/churnopedia/net-revenue-retention): 27,000 in one month and 30,000
/// in the next from the same customers are 111 %; one that only comes later does not count.
#[test]
fn churnzero_net_revenue_retention() {
    let plan = "[[component]]\nid = \"c\"\nmeasure = { retention = \"net\", over = \"1 months\" }\ntarget = \"100%\"\ngoal = \"100%\"\n\
                curve = [{ at = \"0%\", pay = \"0%\" }, { at = \"100%\", pay = \"100%\" }, { at = \"200%\", pay = \"100%\" }]\n";
    let mut book = Book::of(plan, "2027-01-01", r#", "target": "12000""#);
    for account in ["w", "x", "y", "z"] {
        book.record(&format!(
            r#"{{"fact": "credit-split", "at": "2027-01-01", "on": {{"account": "{account}"}}, "shares": [{{"payee": "ana", "percent": "100%"}}]}}"#
        ));
    }
    // 8,000 more from whom there was, 5,000 gone, and somebody new.
    for (account, from, to, amount) in [
        ("w", "2027-04-01", "2027-04-30", "12000"),
        ("x", "2027-04-01", "2027-04-30", "10000"),
        ("y", "2027-04-01", "2027-04-30", "5000"),
        ("w", "2027-05-01", "2027-05-31", "20000"),
        ("x", "2027-05-01", "2027-05-31", "10000"),
        ("z", "2027-05-01", "2027-05-31", "9000"),
    ] {
        book.record(&format!(
            r#"{{"fact": "usage-snapshot", "account": "{account}", "from": "{from}", "to": "{to}", "amount": "{amount}", "currency": "USD"}}"#
        ));
    }
    let all = book.close(5);
    let row = &of(&all, "ana")["attainment"][0];
    assert_eq!(text(&row["percent"]), "111.11");
}

// Credit -------------------------------------------------------------------------------------------------------------

/// Prowi, "Override Commission" (prowi.io/en/glossary/override-commission): five reps at 10 % and their manager at 3 %
/// of all that they sell, or of what is above 225,000.
#[test]
fn prowi_manager_override() {
    let plan = format!(
        "{}{}{}",
        bookings("rate = \"10%\""),
        bookings("rate = \"3%\"\ncredit = \"reports\"").replace("\"c\"", "\"override\""),
        bookings("rate = \"0%\"\ntiers = [{ from = \"225000\", rate = \"3%\" }]\ncredit = \"reports\"")
            .replace("\"c\"", "\"above\"")
    );
    let mut book = Book::of(&plan, "2027-01-01", "");
    let reps = [
        ("rep-a", "75000", "7500.00"),
        ("rep-b", "60000", "6000.00"),
        ("rep-c", "67500", "6750.00"),
        ("rep-d", "52500", "5250.00"),
        ("rep-e", "45000", "4500.00"),
    ];
    for (day, (rep, amount, _)) in reps.iter().enumerate() {
        book.record(&format!(r#"{{"fact": "payee", "at": "2027-01-01", "payee": "{rep}", "manager": "ana"}}"#));
        book.record(&format!(r#"{{"fact": "assignment", "at": "2027-01-01", "payee": "{rep}", "plan": "p"}}"#));
        let share = format!(r#"{{"payee": "{rep}", "percent": "100%"}}"#);
        book.credited(&format!("2027-01-{:02}", day + 10), amount, &share);
    }
    let all = book.close(1);
    for (rep, _, paid) in reps {
        assert_eq!(of(&all, rep)["settlement"]["pay"], *paid);
    }
    let lines = |component: &str| -> Vec<String> {
        let lines = of(&all, "ana")["lines"].as_array().expect("lines");
        let of_it = lines.iter().filter(|line| line["component"] == component);
        of_it.map(|line| text(&line["amount"])).filter(|amount| amount != "0.00").collect()
    };
    assert_eq!(lines("override"), ["2250.00", "1800.00", "2025.00", "1575.00", "1350.00"]);
    assert_eq!(lines("above"), ["900.00", "1350.00"], "30,000 and 45,000 of the last two: 2,250 in all");
}

/// Prowi, "Split Commission" (prowi.io/en/glossary/split-commission): 60 and 40 % of 100,000 at 10 %, and of 80,000
/// after a hand-over.
#[test]
fn prowi_split_between_two() {
    let mut book = Book::of(&bookings("rate = \"10%\""), "2027-01-01", "");
    book.record(r#"{"fact": "payee", "at": "2027-01-01", "payee": "ben"}"#);
    book.record(r#"{"fact": "assignment", "at": "2027-01-01", "payee": "ben", "plan": "p"}"#);
    let shares = r#"{"payee": "ana", "percent": "60%"}, {"payee": "ben", "percent": "40%"}"#;
    for (month, amount, paid) in [(1, "100000", ["6000.00", "4000.00"]), (2, "80000", ["4800.00", "3200.00"])] {
        book.credited(&format!("2027-{month:02}-10"), amount, shares);
        let all = book.close(month);
        assert_eq!([text(&of(&all, "ana")["settlement"]["pay"]), text(&of(&all, "ben")["settlement"]["pay"])], paid);
    }
}

// Installments and clawbacks -----------------------------------------------------------------------------------------

/// Oracle Customer Connect, discussion 701407, "How to pay 50/50 on order/on payment collection": 10 % of 10,000, of
/// which 500 on the order and 250 as each of two invoices is collected.
#[test]
fn oracle_half_on_order_half_on_collection() {
    let plan = bookings("rate = \"10%\"")
        + "[[component.installment]]\nid = \"order\"\nshare = \"50%\"\n\
           [[component.installment]]\nid = \"first\"\nshare = \"25%\"\nsignal = \"invoice-1-paid\"\n\
           [[component.installment]]\nid = \"second\"\nshare = \"25%\"\nsignal = \"invoice-2-paid\"\n";
    let mut book = Book::of(&plan, "2027-01-01", "");
    book.sold("2027-01-10", "10000");
    assert_eq!(book.lines(1), ["500.00"]);
    for (month, signal) in [(2, "invoice-1-paid"), (3, "invoice-2-paid")] {
        book.record(&format!(
            r#"{{"fact": "signal", "at": "2027-{month:02}-20", "signal": "{signal}", "booking": "2027-01-10"}}"#
        ));
        assert_eq!(book.lines(month), ["250.00"]);
    }
}

/// Centify, "What are Clawbacks (and how to manage them)" (getcentify.featurebase.app): of two installments of 500 one
/// was paid when the customer cancels, and only that is taken back.
#[test]
fn centify_takes_back_what_was_paid() {
    let plan = bookings("rate = \"10%\"").replace("cancellation = \"restate\"\n", "")
        + "[[component.installment]]\nid = \"first\"\nshare = \"50%\"\n\
           [[component.installment]]\nid = \"second\"\nshare = \"50%\"\nafter = \"6 months\"\n\
           [[component.clawback]]\nid = \"back\"\non = \"cancellation\"\n";
    let mut book = Book::of(&plan, "2027-01-01", "");
    book.sold("2027-01-10", "10000");
    assert_eq!(book.lines(1), ["500.00"]);
    book.record(r#"{"fact": "cancellation", "at": "2027-03-10", "booking": "2027-01-10"}"#);
    assert_eq!(book.lines(3), ["-500.00"]);
}

/// Zepys, "How to handle refunds and clawbacks with agents" (zepys.com): a contract of 12 months that ends after 6
/// costs half of the commission.
#[test]
fn zepys_prorated_clawback() {
    let plan = bookings("rate = \"10%\"").replace("cancellation = \"restate\"\n", "")
        + "[[component.clawback]]\nid = \"back\"\non = \"cancellation\"\ntake-back = \"remaining-months\"\n";
    let mut book = Book::of(&plan, "2027-01-01", "");
    book.sold("2027-01-10", "10000");
    assert_eq!(book.lines(1), ["1000.00"]);
    book.record(r#"{"fact": "cancellation", "at": "2027-07-10", "booking": "2027-01-10"}"#);
    assert_eq!(book.lines(7), ["-500.00"]);
}

/// Prowi, "Churn Rate" (prowi.io/en/glossary/churn-rate): all of it is taken back of who leaves within 3 months, half
/// within 6, a quarter within 12. A later clawback takes a part of what an earlier one left, so 25 % and then a third
/// make a half.
#[test]
fn prowi_clawback_by_time() {
    let back = |id: &str, within: &str, take: &str| {
        format!(
            "[[component.clawback]]\nid = \"{id}\"\non = \"cancellation\"\nwithin = \"{within}\"\ntake-back = \"{take}\"\n"
        )
    };
    let plan = bookings("rate = \"10%\"").replace("cancellation = \"restate\"\n", "")
        + &back("year", "12 months", "25%")
        + &back("half", "6 months", "33.333333333%")
        + &back("quarter", "3 months", "100%");
    for (month, taken) in [(3, "1000.00"), (5, "500.00"), (9, "250.00"), (12, "250.00")] {
        let mut book = Book::of(&plan, "2027-01-01", "");
        book.sold("2027-01-10", "10000");
        book.close(1);
        book.record(&format!(r#"{{"fact": "cancellation", "at": "2027-{month:02}-01", "booking": "2027-01-10"}}"#));
        let all = book.close(month);
        assert_eq!(text(&of(&all, "ana")["settlement"]["reversed"]), taken);
    }
}

// Draws --------------------------------------------------------------------------------------------------------------

fn guarantee(amount: &str, recoverable: bool) -> String {
    format!(
        "{}[[draw]]\nid = \"d\"\nkind = \"guarantee\"\namount = \"{amount}\"\nrecoverable = {recoverable}\n",
        bookings("rate = \"10%\"")
    )
}

/// Months of commission at 10 %, and what is paid and drawn in each.
fn months(plan: &str, rows: &[(&str, &str, &str)]) {
    let mut book = Book::of(plan, "2027-01-01", "");
    for (month, (sold, paid, drawn)) in rows.iter().enumerate() {
        let month = month as u32 + 1;
        book.sold(&format!("2027-{month:02}-10"), sold);
        assert_eq!(book.paid(month), ((*paid).to_owned(), (*drawn).to_owned()), "month {month}");
    }
}

/// Siebel Incentive Compensation Administration Guide, "Recoverable Draw Scenario"
/// (docs.oracle.com/cd/E05553_01/books/InCompAdm/InCompAdmPlanDesign8.html), and a month of 800 from "Creating a Draw".
#[test]
fn siebel_recoverable_draw() {
    months(
        &guarantee("2000", true),
        &[
            ("27500", "2750.00", "0.00"),
            ("30000", "3000.00", "0.00"),
            ("15000", "2000.00", "500.00"),
            ("23750", "2000.00", "125.00"),
            ("30000", "2875.00", "0.00"),
            ("27500", "2750.00", "0.00"),
            ("8000", "2000.00", "1200.00"),
        ],
    );
}

/// Xactly, "The Non-Recoverable Draw Against Commission" (xactlycorp.com/blog/non-recoverable-draw): 500 and 3,000 with
/// a draw of 1,500 pay 1,500 and 2,000, or 3,000 where it is not recoverable.
#[test]
fn xactly_recoverable_draw_and_not() {
    months(&guarantee("1500", true), &[("5000", "1500.00", "1000.00"), ("30000", "2000.00", "0.00")]);
    months(&guarantee("1500", false), &[("5000", "1500.00", "0.00"), ("30000", "3000.00", "0.00")]);
}

/// QCommission, "Recoverable vs Non-Recoverable Draw" (qcommission.com/blog): 1,000 on top of 1,000 earned, repaid out
/// of the next month's 3,000; and 2,000 guaranteed over 1,000 earned, kept when 4,000 follow.
#[test]
fn qcommission_draws() {
    let advance = "[[draw]]\nid = \"d\"\nkind = \"advance\"\namount = \"1000\"\nmonths = 1\non = \"assignment\"\nrecoverable = true\n";
    let plan = bookings("rate = \"10%\"") + advance;
    months(&plan, &[("10000", "2000.00", "1000.00"), ("30000", "2000.00", "0.00")]);
    months(&guarantee("2000", false), &[("10000", "2000.00", "0.00"), ("40000", "4000.00", "0.00")]);
}

/// A schoolbook's guaranteed minimum (slidetodoc.com, "Section 1-6 Commission"): 250 are guaranteed, and 7 % of 3,614
/// are 252.98. There it is a week, here a month.
#[test]
fn a_schoolbooks_guaranteed_minimum() {
    let plan = guarantee("250", false).replace("10%", "7%");
    months(&plan, &[("3614", "252.98", "0.00"), ("3500", "250.00", "0.00")]);
}

/// A schoolbook's incremental commission (smartsolve.ai): 28,000 sold earn 1,165.40, of which 766.15 were drawn before.
#[test]
fn a_schoolbooks_draw_from_before() {
    let tiers = "tiers = [{ from = \"11700\", rate = \"4.1%\" }, { from = \"21200\", rate = \"4.7%\" }]";
    let mut book = Book::of(&bookings(&format!("rate = \"3.9%\"\n{tiers}")), "2027-01-01", "");
    book.record(
        r#"{"fact": "opening-balance", "at": "2027-01-01", "payee": "ana", "currency": "USD", "draw": "766.15"}"#,
    );
    book.sold("2027-01-10", "28000");
    assert_eq!(book.lines(1), ["1165.40"]);
    assert_eq!(book.paid(1), ("399.25".to_owned(), "0.00".to_owned()));
}
