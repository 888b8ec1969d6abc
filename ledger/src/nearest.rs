//! The known name that somebody probably meant.

/// The candidate nearest to what was written, when one is near enough to be meant. What shares no letter with it is not.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(written, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4 && *distance < written.chars().count())
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_short_word_is_near_only_to_what_it_shares_a_letter_with() {
        for (written, near) in [("segmnt", Some("segment")), ("fro", Some("from")), ("x", None), ("at", None)] {
            assert_eq!(nearest(written, ["fact", "from", "segment", "to"]), near, "{written}");
        }
    }
}
