//! Draws lines of closes for an auditor: at random, without replacement, and the same ones for the same seed (docs/audit.md).

/// What is hashed begins with this, so that no other use of BLAKE3 gives the same numbers.
const DOMAIN: &str = "trueup/audit-sample/1";

/// Draws so many of the positions, or all of them if there are fewer; in the order of the log. Each has the digest BLAKE3 of the domain,
/// the seed and its index, from 0, in decimal, each on a line; the positions with the smallest digests are drawn.
pub fn draw(population: &[u64], seed: &str, count: usize) -> Vec<u64> {
    let digest = |index: usize| *blake3::hash(format!("{DOMAIN}\n{seed}\n{index}\n").as_bytes()).as_bytes();
    let mut lots: Vec<([u8; 32], u64)> =
        population.iter().enumerate().map(|(index, position)| (digest(index), *position)).collect();
    lots.sort_unstable();
    lots.truncate(count);
    let mut drawn: Vec<u64> = lots.into_iter().map(|(_, position)| position).collect();
    drawn.sort_unstable();
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_lines_and_another_one_others() {
        let population: Vec<u64> = (100..1_100).collect();
        let drawn = |seed| draw(&population, seed, 20);
        assert_eq!(drawn("2027"), drawn("2027"));
        assert_ne!(drawn("2027"), drawn("2028"));
        assert_eq!(drawn("2027").len(), 20);
        // A smaller sample is part of a larger one.
        assert!(draw(&population, "2027", 5).iter().all(|position| drawn("2027").contains(position)));
    }

    #[test]
    fn nothing_is_drawn_twice_and_never_more_than_there_is() {
        let population = [7, 9, 12];
        assert_eq!(draw(&population, "a", 3), population);
        assert_eq!(draw(&population, "a", 10), population);
        assert_eq!(draw(&population, "a", 1).len(), 1);
        assert!(draw(&[], "a", 10).is_empty());
    }

    /// Each line is about as likely as any other.
    #[test]
    fn seeds_reach_all_lines() {
        let population: Vec<u64> = (0..10).collect();
        let mut times = [0; 10];
        for seed in 0..1_000 {
            draw(&population, &seed.to_string(), 2).into_iter().for_each(|position| times[position as usize] += 1);
        }
        assert!(times.iter().all(|times| (150..250).contains(times)), "{times:?}");
    }
}
