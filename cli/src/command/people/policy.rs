//! `trueup policy`: who may do what, and what needs more than one person.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use ledger::date::Day;
use ledger::entry::recorded_text;
use ledger::fact::{NotWho, PolicyRecord, PolicyRole};
use ledger::id::Name;
use ledger::signing::PublicKey;
use replay::authority::policy::{PolicyOrder, set_policy};
use serde::Serialize;

use crate::arguments::Format;
use crate::as_of::AsOf;
use crate::failure::Failure;
use crate::input::policy::read_policy;
use crate::render::json::AsText;
use crate::render::layout::table::{Align, Table};
use crate::session::state::{Outcome, Session};
use crate::wording::pay::authority::rule_text;

/// Show or set who may do what
#[derive(Subcommand, Debug)]
pub enum PolicyCommand {
    Show(ShowPolicy),
    Set(SetPolicy),
}

/// Show the policy in force
#[derive(Args, Debug)]
pub struct ShowPolicy {
    #[command(flatten)]
    at: AsOf,
}

/// Set the policy, from a JSON file: `{"fact": "policy", "at", "roles", "rules", "recovery"}`
///
/// It is in force as soon as it is recorded. The first one is signed (`--sign`, repeated) by two of those to whom it gives
/// the role `policy`; every later one as the policy before it asks. docs/approvals.md has an example.
#[derive(Args, Debug)]
pub struct SetPolicy {
    /// The file
    file: PathBuf,
}

impl PolicyCommand {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        match self {
            PolicyCommand::Show(command) => command.run(session),
            PolicyCommand::Set(command) => command.run(session),
        }
    }
}

impl SetPolicy {
    fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let policy = read_policy(&self.file)?;
        let alone = !policy.rules.iter().any(|rule| rule.kind == PolicyRole::Policy && rule.needs > 1);
        let is_lost = policy.recovery.is_empty();
        let mut book = session.book_to_write()?;
        let set = set_policy(&mut book, policy, &session.stamp()?)?;
        match session.options.format {
            Format::Json => session.json(&PolicySetJson { position: set.position, size: set.size })?,
            Format::Csv | Format::Text => {
                writeln!(session.out, "The policy is in force from position {} on.", set.position)?
            }
        }
        if set.order == PolicyOrder::First {
            session.note("What was approved before the first policy and is not paid has to be approved again.");
        }
        if alone {
            session.note("One person with the role `policy` can change it alone: a rule of the kind `policy` with `needs` 2 asks for two.");
        }
        if is_lost {
            session.note("It names no recovery key: whoever loses a key cannot get another one.");
        }
        session.keep(&mut book)?;
        Ok(Outcome::Done)
    }
}

impl ShowPolicy {
    fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let book = session.book_at(&self.at)?;
        let state = book.state();
        let Some(set) = state.authority().policy() else {
            if session.options.format == Format::Json {
                session.json(&None::<PolicyJson<'_>>)?;
            }
            session.note("There is no policy: everybody may do everything, and nothing has to be signed.");
            return Ok(Outcome::Done);
        };
        let entry = book.entry(u64::from(set.position))?;
        match session.options.format {
            Format::Json => session.json(&PolicyJson::of(&set.policy, u64::from(set.position)))?,
            Format::Csv => {
                session.out.row(&["author", "role"])?;
                for grant in &set.policy.roles {
                    for role in &grant.roles {
                        session.out.row(&[grant.author.as_str(), role.as_str()])?;
                    }
                }
            }
            Format::Text => {
                writeln!(
                    session.out,
                    "Policy of {}, in force since position {} ({}).",
                    set.policy.at,
                    set.position,
                    recorded_text(entry.recorded)
                )?;
                session.out.blank()?;
                text(&set.policy, session)?;
            }
        }
        Ok(Outcome::Done)
    }
}

fn text(policy: &PolicyRecord, session: &mut Session) -> Result<(), Failure> {
    let mut table = Table::new(&[Align::Left, Align::Left]);
    for grant in &policy.roles {
        let roles: Vec<&str> = grant.roles.iter().map(|role| role.as_str()).collect();
        table.row([grant.author.to_string(), roles.join(", ")]);
    }
    table.write(&mut session.out)?;
    session.out.blank()?;
    writeln!(session.out, "Nobody approves what they closed.")?;
    for (rule, number) in policy.rules.iter().zip(1..) {
        writeln!(session.out, "Rule {number}: {}.", rule_text(rule))?;
    }
    for key in &policy.recovery {
        writeln!(session.out, "Recovery key: {key}")?;
    }
    Ok(())
}

#[derive(Serialize)]
struct PolicySetJson {
    position: u64,
    size: u64,
}

#[derive(Serialize)]
struct PolicyJson<'p> {
    fact: &'static str,
    at: AsText<Day>,
    roles: BTreeMap<&'p str, Vec<&'static str>>,
    rules: Vec<RuleJson>,
    recovery: Vec<AsText<&'p PublicKey>>,
    position: u64,
}

#[derive(Serialize)]
struct RuleJson {
    kind: &'static str,
    needs: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    not: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    above: Option<AboveJson>,
}

#[derive(Serialize)]
struct AboveJson {
    amount: String,
    currency: &'static str,
}

impl PolicyJson<'_> {
    fn of(policy: &PolicyRecord, position: u64) -> PolicyJson<'_> {
        let grant = |grant: &'_ ledger::fact::RoleGrant| grant.roles.iter().copied().map(PolicyRole::as_str).collect();
        let roles = policy.roles.iter().map(|one| (Name::as_str(&one.author), grant(one))).collect();
        let rules = policy.rules.iter().map(|rule| RuleJson {
            kind: rule.kind.as_str(),
            needs: rule.needs,
            not: rule.not.map(NotWho::as_str),
            above: rule
                .above
                .as_ref()
                .map(|above| AboveJson { amount: above.amount.to_string(), currency: above.currency.code() }),
        });
        let recovery = policy.recovery.iter().map(AsText).collect();
        PolicyJson { fact: "policy", at: AsText(policy.at), roles, rules: rules.collect(), recovery, position }
    }
}
