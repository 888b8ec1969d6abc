//! Jobs in a process of their own, as every command is.

use std::process::Command;

/// What this program prints when it is asked for something in a process of its own.
pub fn numbers_of<const N: usize>(arguments: &[&str]) -> [f64; N] {
    let myself = std::env::current_exe().expect("this program");
    let told = Command::new(&myself).args(arguments).output().expect("it runs").stdout;
    let told = String::from_utf8_lossy(&told);
    let numbers: Vec<f64> = told.split_whitespace().map(|word| word.parse().expect("a number")).collect();
    numbers.try_into().unwrap_or_else(|numbers| panic!("{N} numbers, not {numbers:?}"))
}
