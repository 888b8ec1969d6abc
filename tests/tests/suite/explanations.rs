//! Every step of an explanation is an arithmetic: each `how` evaluates to its `out`, and the last `out` is the entitlement of
//! the line. Checked on every example and every random history.

use ledger::exact::{Exact, Rounding};
use serde_json::Value;

/// A number as `in` and `out` write it: a decimal or `a/b`.
fn number(text: &str) -> Exact {
    if let Some((a, b)) = text.split_once('/') {
        return number(a) / number(b);
    }
    let (sign, body) = text.strip_prefix('-').map_or((1, text), |body| (-1, body));
    let (whole, decimals) = body.split_once('.').unwrap_or((body, ""));
    // Exact fractions may have more digits than any machine number.
    let ten = Exact::whole(10);
    let mantissa = format!("{whole}{decimals}").chars().fold(Exact::ZERO, |value, digit| {
        let digit = digit.to_digit(10).unwrap_or_else(|| panic!("`{text}` is no number"));
        value * &ten + Exact::whole(i128::from(digit))
    });
    mantissa * Exact::ratio(sign, 10i128.pow(decimals.len() as u32))
}

/// Reads `how` by recursive descent: + - * / ( ) min max round and numbers of `in`.
struct Sum<'h> {
    rest: &'h str,
    rounding: Rounding,
    numbers: Vec<Exact>,
}

impl Sum<'_> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, sign: &str) -> bool {
        self.blanks();
        let eaten = self.rest.starts_with(sign);
        if eaten {
            self.rest = &self.rest[sign.len()..];
        }
        eaten
    }

    fn sum(&mut self) -> Exact {
        let mut value = self.product();
        loop {
            if self.eat("+") {
                value = value + self.product();
            } else if self.eat("-") {
                value = value - self.product();
            } else {
                return value;
            }
        }
    }

    fn product(&mut self) -> Exact {
        let mut value = self.factor();
        loop {
            if self.eat("*") {
                value = value * self.factor();
            } else if self.eat("/") {
                value = value / self.factor();
            } else {
                return value;
            }
        }
    }

    fn factor(&mut self) -> Exact {
        for word in ["min(", "max(", "round("] {
            if self.eat(word) {
                let first = self.sum();
                assert!(self.eat(","), "a comma in `{}`", self.rest);
                let second = self.sum();
                assert!(self.eat(")"), "a parenthesis in `{}`", self.rest);
                return self.call(word, first, second);
            }
        }
        if self.eat("(") {
            // A fraction or negative number of `in` is put in parentheses.
            if let Some(literal) = self.rest.split(')').next()
                && literal.contains(['/', '-'])
                && literal.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '/' | '.'))
            {
                let value = number(literal);
                self.numbers.push(value.clone());
                self.rest = &self.rest[literal.len() + 1..];
                return value;
            }
            let value = self.sum();
            assert!(self.eat(")"), "a parenthesis in `{}`", self.rest);
            return value;
        }
        self.blanks();
        let length = self.rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.rest.len());
        assert!(length > 0, "a number in `{}`", self.rest);
        let value = number(&self.rest[..length]);
        self.rest = &self.rest[length..];
        self.numbers.push(value.clone());
        value
    }

    fn call(&self, word: &str, first: Exact, second: Exact) -> Exact {
        match word {
            "min(" => first.min(second),
            "max(" => first.max(second),
            _ => {
                let digits = second.round(0, Rounding::Down).expect("a few") as u32;
                Exact::ratio(first.round(digits, self.rounding).expect("it fits"), 10i128.pow(digits))
            }
        }
    }
}

/// Evaluates a step and holds it to its `in` and `out`.
pub fn check_step(step: &Value) {
    let text = |name: &str| step[name].as_str().unwrap_or_else(|| panic!("`{name}` of {step}"));
    let rounding = match step["rounding"].as_str() {
        None | Some("half-up") => Rounding::HalfUp,
        Some("half-even") => Rounding::HalfEven,
        Some("down") => Rounding::Down,
        Some(other) => panic!("an unknown rounding `{other}`"),
    };
    let mut sum = Sum { rest: text("how"), rounding, numbers: Vec::new() };
    let value = sum.sum();
    assert!(sum.rest.trim().is_empty(), "something follows in {step}");
    assert_eq!(value, number(text("out")), "{step}");
    let inputs: Vec<Exact> = step["in"]
        .as_object()
        .expect("an object")
        .values()
        .map(|value| number(value.as_str().expect("text")))
        .collect();
    for used in &sum.numbers {
        assert!(inputs.contains(used), "{used} is not in `in` of {step}");
    }
}

/// Every line of a statement leads to its amount, every cause to its difference, every draw to what was given or recovered of it.
pub fn check_statement(statement: &Value) {
    for line in statement["lines"].as_array().expect("lines") {
        let steps = line["why"].as_array().expect("why");
        steps.iter().for_each(check_step);
        let last = steps.last().unwrap_or_else(|| panic!("a line without a why: {line}"));
        assert_eq!(
            number(last["out"].as_str().expect("text")),
            number(line["entitled"].as_str().expect("text")),
            "{line}"
        );
        let causes = line["causes"].as_array().expect("causes");
        if !line["reason"].is_null() {
            let sum: Exact = causes.iter().map(|cause| number(cause["amount"].as_str().expect("text"))).sum();
            assert_eq!(sum, number(line["amount"].as_str().expect("text")), "the causes of {line}");
        }
    }
    for draw in statement["draws"].as_array().expect("draws") {
        let steps = draw["why"].as_array().expect("why");
        steps.iter().for_each(check_step);
        let last = steps.last().unwrap_or_else(|| panic!("a draw without a why: {draw}"));
        let amount = |name: &str| number(draw[name].as_str().expect("text"));
        let is_given = !amount("given").is_zero();
        assert_eq!(
            number(last["out"].as_str().expect("text")),
            amount(if is_given { "given" } else { "recovered" }),
            "{draw}"
        );
    }
}
