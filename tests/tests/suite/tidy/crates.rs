//! What a crate may use, and what the deterministic crates must not use.

use super::sources::{CRATES, read, root};

#[test]
fn a_crate_uses_only_crates_before_it() {
    for (place, name) in CRATES.iter().enumerate() {
        let manifest: toml::Table = read(&root().join(name).join("Cargo.toml")).parse().expect("TOML");
        let used = ["dependencies", "dev-dependencies", "build-dependencies"]
            .into_iter()
            .filter_map(|kind| manifest.get(kind)?.as_table());
        for used in used.flat_map(|table| table.keys()) {
            if let Some(other) = CRATES.iter().position(|known| known == used) {
                assert!(other < place, "`{name}` uses `{used}`, which does not come before it");
            }
        }
    }
}

/// The deterministic crates have one list of what they must not use: clocks, randomness, hash order.
#[test]
fn the_deterministic_crates_share_their_lints() {
    let lints = |name: &str| read(&root().join(name).join("clippy.toml"));
    for name in ["projections", "plans", "replay"] {
        assert_eq!(lints(name), lints("ledger"), "`{name}/clippy.toml` differs from `ledger/clippy.toml`");
    }
}
