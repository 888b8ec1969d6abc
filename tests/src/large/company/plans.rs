//! The plans: together they use every design.

pub const PLANS: [(&str, &str); 13] = [
    ("land.toml", include_str!("plans/land.toml")),
    ("land-emea.toml", include_str!("plans/land-emea.toml")),
    ("milestones.toml", include_str!("plans/milestones.toml")),
    ("consumption.toml", include_str!("plans/consumption.toml")),
    ("baseline.toml", include_str!("plans/baseline.toml")),
    ("expand.toml", include_str!("plans/expand.toml")),
    ("health.toml", include_str!("plans/health.toml")),
    ("starter.toml", include_str!("plans/starter.toml")),
    ("spiff.toml", include_str!("plans/spiff.toml")),
    ("lead.toml", include_str!("plans/lead.toml")),
    ("pool.toml", include_str!("plans/pool.toml")),
    ("overlay.toml", include_str!("plans/overlay.toml")),
    ("partner.toml", include_str!("plans/partner.toml")),
];

/// A higher rate for everything since the first day.
pub fn raised() -> (&'static str, String) {
    let text = include_str!("plans/consumption.toml");
    let raised = text.replace("version = 1", "version = 2").replace("rate = \"2%\"", "rate = \"2.5%\"");
    assert_ne!(text, raised);
    ("consumption.toml", raised)
}
