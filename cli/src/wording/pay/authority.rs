//! What the policy does not allow, and what is wrong with keys, authors and policies, in words.

use ledger::fact::{NotWho, PolicyRole, PolicyRule};
use ledger::id::Name;
use ledger::signing::KeyFault;
use replay::authority::refusal::{AuthorityRefusal, PolicyFault};

use crate::refusal::PolicyFileFault;
use crate::wording::Wording;
use crate::wording::problem::{Problem, one_of};

fn say(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Wording {
    Wording::new(code, message, help)
}

/// What is wrong with the text of a key.
pub fn key_fault(fault: KeyFault) -> &'static str {
    match fault {
        KeyFault::Form => "it is no key of the form `NAME+HASH+BASE64`, as `trueup key new` makes it",
        KeyFault::Name => "its name is empty, too long, or has blanks",
        KeyFault::Algorithm => "it is of another algorithm than Ed25519",
        KeyFault::Hash => "its parts do not belong together: something was changed or left out",
        KeyFault::Point => "its bytes are no public key",
    }
}

/// What somebody with a role does.
fn doing(role: PolicyRole) -> &'static str {
    match role {
        PolicyRole::Record => "recording facts",
        PolicyRole::Publish => "publishing a plan",
        PolicyRole::Close => "a close or a freeze",
        PolicyRole::Approve => "an approval or rejection",
        PolicyRole::Pay => "a payout, its confirmation or a repayment",
        PolicyRole::Adjust => "an adjustment or a write-off",
        PolicyRole::Hold => "a hold or its release",
        PolicyRole::Policy => "another policy",
        PolicyRole::Administrate => "another author",
    }
}

/// A rule as a sentence has it.
pub fn rule_text(rule: &PolicyRule) -> String {
    let people = if rule.needs == 1 { "one person".to_owned() } else { format!("{} people", rule.needs) };
    let above = rule.above.as_ref().map(|above| format!(" above {} {}", above.amount, above.currency));
    let not = match rule.not {
        Some(NotWho::Closer) => ", none of whom closed it",
        Some(NotWho::Maker) => ", none of whom closed it or recorded an adjustment in it",
        None => "",
    };
    let (what, above, role) = (doing(rule.kind), above.unwrap_or_default(), rule.kind);
    let but = match rule.not {
        Some(_) if role == PolicyRole::Approve => " (a rejection may be theirs)",
        Some(_) | None => "",
    };
    format!("{what}{above} is signed by {people} with the role `{role}`{not}{but}")
}

fn names(names: &[Name]) -> String {
    match names {
        [] => "nobody".to_owned(),
        names => one_of(names.iter().map(Name::as_str)).replace(" or ", " and "),
    }
}

/// A refusal in words; several for a policy with several faults.
pub fn refused(refusal: &AuthorityRefusal) -> Vec<Problem> {
    match refusal {
        AuthorityRefusal::Policy(faults) => faults.iter().map(|fault| policy_fault(fault).into()).collect(),
        other => vec![one(other).into()],
    }
}

/// A refusal that is about one thing.
pub fn one(refusal: &AuthorityRefusal) -> Wording {
    use AuthorityRefusal as R;
    match refusal {
        R::SignerUnknown { key } => {
            let message = format!(
                "the key `{key}` is not valid: it is of no author and no recovery key of the policy, or was replaced"
            );
            let help = "sign with the key that `trueup author list` shows as valid, or record its owner with `trueup author add`";
            Wording::new("sign-unknown", message, help)
        }
        R::RoleMissing { role, signed, have_it } => role_missing(*role, signed, have_it),
        R::Excluded { role, signed, .. } => {
            let message = format!("{} closed what is to be approved: nobody approves what they closed", names(signed));
            let help = format!("let somebody else with the role `{role}` sign; `trueup policy show` says who has it");
            Wording::new("policy-closer", message, help)
        }
        R::TooFewSigned { number, rule, counted, excluded, others } => {
            let less = if excluded.is_empty() { String::new() } else { format!(" (not counted: {})", names(excluded)) };
            let message = format!("rule {number} of the policy: {}. Signed: {}{less}", rule_text(rule), names(counted));
            let help = match &others[..] {
                [] => "nobody else has the role; `trueup policy show` shows who has it".to_owned(),
                others => format!("add `--sign FILE` with the key of {}", one_of(others.iter().map(Name::as_str))),
            };
            Wording::new("policy-rule", message, help)
        }
        R::KeyNotReplaced { author } => {
            let message = format!("`{author}` has a key, and the new one is not signed with it");
            let help = "add `--sign` with the old key, or with a recovery key of the policy if the old one is lost";
            Wording::new("author-key", message, help)
        }
        R::KeyTaken { author } => {
            let message = format!("the key is or was that of `{author}`");
            Wording::new("author-key-taken", message, "make a new key with `trueup key new`: a key is of one person")
        }
        R::KeyIsRecovery => {
            let message = "the key is a recovery key of the policy";
            Wording::new("author-key-taken", message, "make a new key with `trueup key new`: a key has one purpose")
        }
        R::KeyIsOfLog => {
            let message = "the key is or was the log's own";
            Wording::new("author-key-taken", message, "make a new key with `trueup key new`: a key has one purpose")
        }
        R::LogKeyWasReplaced => {
            let message = "the log had this key before, and another one took its place";
            Wording::new("log-key-replaced", message, "make a new key with `trueup key new`")
        }
        R::LogKeyNotReplaced { key } => {
            let message = format!("the log has the key `{key}`, and the new one is not signed with it");
            let help = "add `--sign` with the old key, or with a recovery key of the policy if the old one is lost";
            Wording::new("log-key-signed", message, help)
        }
        R::LogKeyMissing => {
            let help = "make one with `trueup key new log.key`, and set it with `trueup checkpoint --key log.key`";
            Wording::new("log-key-missing", "the log has no key to sign checkpoints with", help)
        }
        R::NotTheLogKey { valid, given } => {
            let message = format!("the log's key is `{valid}`, and the file has `{given}`");
            let help = "put the log's own key file back, or set another key with `trueup checkpoint --key FILE`";
            Wording::new("log-key-other", message, help)
        }
        R::Policy(faults) => faults.first().map_or_else(
            || Wording::new("policy", "the policy is refused", "`trueup policy show` shows the one in force"),
            policy_fault,
        ),
    }
}

fn role_missing(role: PolicyRole, signed: &[Name], have_it: &[Name]) -> Wording {
    let who = match signed {
        [] => "nobody signed".to_owned(),
        signed => format!("{} signed, without that role", names(signed)),
    };
    let message =
        format!("under the policy, {} needs the signature of somebody with the role `{role}`; {who}", doing(role));
    let help = match have_it {
        [] => "nobody has the role; `trueup policy set` sets another policy".to_owned(),
        have_it => format!("add `--sign FILE` with the key of {}", one_of(have_it.iter().map(Name::as_str))),
    };
    Wording::new("policy-role", message, help)
}

fn policy_fault(fault: &PolicyFault) -> Wording {
    use PolicyFault as F;
    match fault {
        F::Ahead { at, today } => {
            let message =
                format!("the policy is dated {at}, and today is {today}: it is in force as soon as it is recorded");
            say("policy-date", message, "date it today, and set it on the day from which it is to hold")
        }
        F::NoKey { author } => {
            let message = format!("`{author}` is no author of the book, so somebody could take that name later");
            say("policy-author", message, format!("record the key first: `trueup author add {author} --key VKEY`"))
        }
        F::NamedTwice { author } => say("policy-author", format!("`{author}` is named twice"), "name each author once"),
        F::TooFewForPolicy { have_it } => {
            let message = format!("two people must have the role `policy`, and these have it: {}", names(have_it));
            say(
                "policy-two",
                message,
                "give it to two people; a rule of the kind `policy` with `needs` 2 lets nobody change it alone",
            )
        }
        F::TooFewForRule { number, rule, have_it } => {
            let message =
                format!("rule {number} can never be met: {}, and these have it: {}", rule_text(rule), names(have_it));
            say("policy-unmet", message, "give the role to more people, or ask for fewer")
        }
        F::NobodyHas { role } => {
            let message = format!("nobody has the role `{role}`, without which nothing can be paid any more");
            say("policy-unmet", message, format!("give `{role}` to somebody"))
        }
        F::NeedsNobody { number } => {
            say("policy-needs", format!("rule {number} asks for 0 people"), "write `\"needs\": 1` or more")
        }
        F::NotIsNotMeant { number, role } => {
            let message = format!("rule {number} has `not`, which has no meaning for `{role}`");
            say("policy-not", message, "`not` is for `approve` and `pay`: what they act on was closed by somebody")
        }
        F::AboveIsNotMeant { number, above } => {
            let message = format!(
                "rule {number} is for more than {} {}, which has no meaning there",
                above.amount, above.currency
            );
            say(
                "policy-above",
                message,
                "`above` takes an amount of 0 or more in the minor unit of its currency, for close, approve, pay, adjust and hold",
            )
        }
        F::RecoveryIsAuthor { key, author } => {
            let message = format!("the recovery key `{}` is or was the key of `{author}`", key.name());
            say("policy-recovery", message, "make one that nobody signs with, and keep it in a safe place")
        }
        F::RecoveryIsLogKey { key } => {
            let message = format!("the recovery key `{}` is or was the log's own key", key.name());
            say("policy-recovery", message, "make one that nobody signs with, and keep it in a safe place")
        }
        F::FirstNotSigned { signed } => {
            let message = format!(
                "the first policy is signed by two people to whom it gives the role `policy`; signed: {}",
                names(signed)
            );
            say("policy-first", message, "add `--sign FILE` with the keys of two of them")
        }
    }
}

/// What is wrong with the file of a policy.
pub fn policy_file_fault(fault: &PolicyFileFault) -> Wording {
    use PolicyFileFault as F;
    let say = |message: String, help: &str| say("policy-file", message, help);
    match fault {
        F::NotJson { why } => say(format!("this is no policy: {why}"), "docs/approvals.md has an example"),
        F::NotAPolicy { fact } => say(format!("`fact` is `{fact}`, not `policy`"), "name the file of the policy"),
        F::NotADate { written } => say(format!("`at` is `{written}`, no date"), "write one like 2027-03-31"),
        F::NotAName { written } => {
            say(format!("`{written}` is no name"), "write the name as `trueup author list` has it")
        }
        F::WordUnknown { path, written, nearest, words } => {
            let help = match nearest {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("write {}", one_of(words.iter().copied())),
            };
            say(format!("`{path}` has `{written}`, which there is not"), &help)
        }
        F::NotAnAmount { path, written } => {
            say(format!("`{path}` has the amount `{written}`, which is none"), "write it like \"100000.00\"")
        }
        F::NotACurrency { path, written } => {
            say(format!("`{path}` has the currency `{written}`, which there is not"), "write a code like USD")
        }
        F::NotAKey { written, fault } => {
            say(format!("`recovery` has `{written}`: {}", key_fault(*fault)), "copy it as `trueup key new` prints it")
        }
    }
}
