//! The file of a policy: JSON, as `policy show --format json` prints it.

use std::collections::BTreeMap;
use std::path::Path;

use ledger::date::Day;
use ledger::fact::{MoneyOf, NotWho, PolicyRecord, PolicyRole, PolicyRule, RoleGrant};
use ledger::field::Amount;
use ledger::id::Name;
use ledger::money::Currency;
use ledger::nearest::nearest;
use ledger::signing::PublicKey;
use serde::Deserialize;
use serde_json::Value;

use crate::failure::Failure;
use crate::input::files::{name_of, policy_text};
use crate::refusal::PolicyFileFault as F;
use crate::wording::pay::authority::policy_file_fault;
use crate::wording::problem::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    fact: Option<String>,
    at: String,
    roles: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    rules: Vec<RuleFile>,
    #[serde(default)]
    recovery: Vec<String>,
    /// Where the policy came from, in what `policy show` prints.
    #[serde(default, rename = "position")]
    _position: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    kind: String,
    #[serde(default = "one")]
    needs: u16,
    not: Option<String>,
    above: Option<AboveFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AboveFile {
    amount: Value,
    currency: String,
}

fn one() -> u16 {
    1
}

/// Reads a policy. Refused with everything that is wrong with the file.
pub fn read_policy(path: &Path) -> Result<PolicyRecord, Failure> {
    let (file, text) = (name_of(path), policy_text(path)?);
    let parsed: PolicyFile = serde_json::from_str(&text).map_err(|error| {
        let problem = Problem::from(policy_file_fault(&F::NotJson { why: why(&error) }));
        let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
        let start = error.column().saturating_sub(1).min(line.len());
        Failure::Refused(vec![problem.at(&file, error.line().max(1), line, start, start + 1)])
    })?;
    let mut reader = PolicyReader { problems: Vec::new() };
    let policy = reader.policy(parsed);
    if reader.problems.is_empty() { Ok(policy) } else { Err(Failure::Refused(reader.problems)) }
}

/// What serde says, without the place, which is shown.
fn why(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(before, _)| before.to_owned())
}

struct PolicyReader {
    problems: Vec<Problem>,
}

impl PolicyReader {
    fn wrong(&mut self, fault: &F) {
        self.problems.push(policy_file_fault(fault).into());
    }

    fn policy(&mut self, file: PolicyFile) -> PolicyRecord {
        if file.fact.as_deref().is_some_and(|fact| fact != "policy") {
            self.wrong(&F::NotAPolicy { fact: file.fact.unwrap_or_default() });
        }
        let at = Day::parse(&file.at).unwrap_or_else(|| {
            self.wrong(&F::NotADate { written: file.at.clone() });
            Day::FIRST
        });
        let roles = file.roles.into_iter().filter_map(|(author, roles)| self.grant(&author, &roles)).collect();
        let rules = file.rules.into_iter().zip(1..).filter_map(|(rule, number)| self.rule(rule, number)).collect();
        let recovery = file.recovery.iter().filter_map(|key| self.key(key)).collect();
        PolicyRecord { at, roles, rules, recovery }
    }

    fn grant(&mut self, author: &str, roles: &[String]) -> Option<RoleGrant> {
        let mut known: Vec<PolicyRole> = Vec::new();
        for role in roles {
            match PolicyRole::parse(role) {
                Some(role) if known.contains(&role) => {}
                Some(role) => known.push(role),
                None => {
                    let path = format!("roles.{author}");
                    self.word(path, role, PolicyRole::WORDS);
                }
            }
        }
        let name = Name::incoming(author).ok();
        if name.is_none() {
            self.wrong(&F::NotAName { written: author.to_owned() });
        }
        Some(RoleGrant { author: name?, roles: known })
    }

    fn word(&mut self, path: String, written: &str, words: &'static [&'static str]) {
        let nearest = nearest(written, words.iter().copied());
        self.wrong(&F::WordUnknown { path, written: written.to_owned(), nearest, words });
    }

    fn rule(&mut self, rule: RuleFile, number: usize) -> Option<PolicyRule> {
        let at = |field: &str| format!("rules[{}].{field}", number - 1);
        let kind = kind_of(&rule.kind);
        if kind.is_none() {
            self.word(at("kind"), &rule.kind, PolicyRole::WORDS);
        }
        let not = rule.not.as_deref().map(|not| (NotWho::parse(not), not));
        if let Some((None, written)) = not {
            self.word(at("not"), written, NotWho::WORDS);
        }
        let above = rule.above.map(|above| self.above(above, at("above")));
        Some(PolicyRule { kind: kind?, needs: rule.needs, not: not.and_then(|(not, _)| not), above: above.flatten() })
    }

    fn above(&mut self, above: AboveFile, path: String) -> Option<MoneyOf> {
        let written = match &above.amount {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let (amount, currency) = (Amount::parse(&written), Currency::parse(&above.currency));
        if amount.is_none() {
            self.wrong(&F::NotAnAmount { path: path.clone(), written });
        }
        if currency.is_none() {
            self.wrong(&F::NotACurrency { path, written: above.currency });
        }
        Some(MoneyOf { currency: currency?, amount: amount? })
    }

    fn key(&mut self, text: &str) -> Option<PublicKey> {
        match PublicKey::parse(text) {
            Ok(key) => Some(key),
            Err(fault) => {
                self.wrong(&F::NotAKey { written: text.to_owned(), fault });
                None
            }
        }
    }
}

/// A rule's kind is a role, or the kind of the entry that somebody with that role writes.
fn kind_of(written: &str) -> Option<PolicyRole> {
    let by_entry = match written {
        "period-close" => PolicyRole::Close,
        "approval" => PolicyRole::Approve,
        "payout" => PolicyRole::Pay,
        "adjustment" => PolicyRole::Adjust,
        "plan" => PolicyRole::Publish,
        "author" => PolicyRole::Administrate,
        other => return PolicyRole::parse(other),
    };
    Some(by_entry)
}
