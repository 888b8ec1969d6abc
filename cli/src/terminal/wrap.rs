//! Lines broken to a number of columns: at blanks where there are some, and within a word only where it is wider than a line. Nothing
//! is left out.

use console::Style;

use crate::terminal::inert::width;

/// By how much a line that goes on is indented below its beginning.
const HANGING: usize = 2;

/// A line as lines of at most `columns`, but for a command in backticks that is wider. Those that go on are indented, below the
/// branches of a tree where the line has some.
pub fn lines(line: &str, columns: usize) -> Vec<String> {
    if width(line) <= columns {
        return vec![line.to_owned()];
    }
    let head: String = line.chars().take_while(|c| is_frame(*c)).collect();
    let head = if width(&head) + HANGING > columns / 2 { String::new() } else { head };
    let frame: String = head.chars().map(|c| if matches!(c, '│' | '├') { '│' } else { ' ' }).collect();
    let hanging = format!("{frame}{}", " ".repeat(HANGING));
    let rest = &line[head.len()..];
    let first = columns.saturating_sub(width(&head)).max(1);
    let mut parts = pieces(rest, (first, columns - width(&hanging)), Commands::Whole).into_iter();
    let begin = format!("{head}{}", parts.next().unwrap_or_default());
    [begin].into_iter().chain(parts.map(|part| format!("{hanging}{part}"))).collect()
}

/// What may stand before the words of a line: blanks and the branches of a tree.
fn is_frame(c: char) -> bool {
    matches!(c, ' ' | '│' | '├' | '└' | '─')
}

/// A text in pieces of at most `columns`.
pub fn cell(text: &str, columns: usize) -> Vec<String> {
    pieces(text, (columns, columns), Commands::Broken)
}

/// What becomes of what is in backticks: a command that somebody may copy.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Commands {
    /// It is broken as any text.
    Broken,
    /// It stays on one line, also where it is wider than that.
    Whole,
}

/// A text in pieces, the first of at most `first` columns, the others of `others`.
fn pieces(text: &str, (first, others): (usize, usize), commands: Commands) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut room = first;
    while width(rest) > room {
        let at = match commands {
            Commands::Broken => break_at(rest, room.max(1)),
            Commands::Whole => break_outside(rest, room.max(1)),
        };
        let (piece, after) = rest.split_at(at);
        pieces.push(piece.trim_end().to_owned());
        rest = after.trim_start();
        room = others;
    }
    if !rest.is_empty() || pieces.is_empty() {
        pieces.push(rest.to_owned());
    }
    pieces
}

/// Where a text that is wider than `columns` is broken without breaking what is in backticks: before it, or else behind it.
fn break_outside(text: &str, columns: usize) -> usize {
    let at = break_at(text, columns);
    if text[..at].matches('`').count().is_multiple_of(2) {
        return at;
    }
    let begin = text[..at].rfind('`').expect("an odd number of them");
    let Some(length) = text[begin + 1..].find('`') else { return at };
    let before = text[..begin].rfind(' ').filter(|blank| !text[..*blank].trim().is_empty());
    let behind = || {
        let end = begin + 1 + length + 1;
        text[end..].find(' ').map_or(text.len(), |blank| end + blank + 1)
    };
    before.map_or_else(behind, |blank| blank + 1)
}

/// Where a text that is wider than `columns` is broken: behind the last blank within them, or else as far as they reach.
fn break_at(text: &str, columns: usize) -> usize {
    let mut reached = 0;
    let mut blank = None;
    for (at, c) in text.char_indices() {
        let next = at + c.len_utf8();
        if c == ' ' && at > 0 && width(&text[..at]) <= columns {
            blank = Some(next);
        }
        if width(&text[..next]) > columns {
            break;
        }
        reached = next;
    }
    let first = text.chars().next().map_or(0, char::len_utf8);
    blank.unwrap_or(reached.max(first))
}

/// A line in colours as lines of at most `columns`, each piece with its style. Those that go on are indented by `hanging`.
pub fn painted(line: &[(Style, String)], columns: usize, hanging: usize) -> Vec<Vec<(Style, String)>> {
    let text: String = line.iter().map(|(_, text)| text.as_str()).collect();
    if width(&text) <= columns {
        return vec![line.to_vec()];
    }
    let mut styled = line.iter().flat_map(|(style, text)| text.chars().map(move |c| (style, c)));
    let mut out = Vec::new();
    let room = (columns, columns.saturating_sub(hanging).max(1));
    for words in pieces(&text, room, Commands::Whole) {
        let mut pieces: Vec<(Style, String)> = Vec::new();
        if !out.is_empty() {
            pieces.push((Style::new(), " ".repeat(hanging)));
        }
        for c in words.chars() {
            // Blanks between two lines are in neither.
            let Some((style, _)) = styled.find(|(_, next)| *next == c) else { break };
            match pieces.last_mut() {
                Some((last, text)) if last == style => text.push(c),
                Some(_) | None => pieces.push((style.clone(), c.to_string())),
            }
        }
        out.push(pieces);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_goes_on_below_its_branch() {
        let line = "├─ condition: 24657.53 / 98630.14 = 0.2499 of what was promised";
        assert_eq!(
            lines(line, 30),
            ["├─ condition: 24657.53 /", "│    98630.14 = 0.2499 of what", "│    was promised"]
        );
        assert_eq!(lines("  a b", 40), ["  a b"]);
        assert_eq!(lines("└─ aaaa bbbb", 10), ["└─ aaaa", "     bbbb"]);
        assert_eq!(lines("└─ aaaa bbbb", 8), ["└─ aaaa", "  bbbb"]);
        assert_eq!(lines("├ ├  ├├ ├", 8), ["├ ├  ├├", "  ├"]);
    }

    #[test]
    fn a_word_that_is_wider_than_a_line_is_broken() {
        assert_eq!(cell("0123456789", 4), ["0123", "4567", "89"]);
        assert_eq!(cell("東京東京", 5), ["東京", "東京"]);
    }

    #[test]
    fn colours_stay_with_their_words() {
        let line = [(Style::new().red(), "error[x]".to_owned()), (Style::new().bold(), ": one two three".to_owned())];
        let texts: Vec<String> =
            painted(&line, 14, 2).iter().map(|pieces| pieces.iter().map(|(_, text)| text.as_str()).collect()).collect();
        assert_eq!(texts, ["error[x]: one", "  two three"]);
    }

    #[test]
    fn a_command_stays_on_one_line() {
        let line = [(Style::new(), "`trueup close 2027-01 --at 7` posts this, and `trueup log` shows it.".to_owned())];
        let texts: Vec<String> =
            painted(&line, 20, 2).iter().map(|pieces| pieces.iter().map(|(_, text)| text.as_str()).collect()).collect();
        assert_eq!(texts, ["`trueup close 2027-01 --at 7`", "  posts this, and", "  `trueup log` shows", "  it."]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_wider(text in "[ab東 ├]{0,60}", columns in 8usize..30) {
            let plain = |text: &str| text.chars().filter(|c| !is_frame(*c)).collect::<String>();
            let broken = lines(&text, columns);
            prop_assert!(broken.iter().all(|line| width(line) <= columns), "{:?}", broken);
            prop_assert_eq!(plain(&broken.concat()), plain(&text));
        }
    }
}
