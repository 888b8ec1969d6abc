//! A list of positions or indexes that nearly always has one: it takes no memory of its own then. A book holds millions.

use std::ops::Deref;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Few(Held);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Held {
    One(u32),
    #[expect(clippy::box_collection, reason = "eight bytes instead of twenty-four, where there mostly is none")]
    More(Box<Vec<u32>>),
}

impl Few {
    pub fn one(first: u32) -> Few {
        Few(Held::One(first))
    }

    pub fn push(&mut self, next: u32) {
        match &mut self.0 {
            Held::One(first) => self.0 = Held::More(Box::new(vec![*first, next])),
            Held::More(list) => list.push(next),
        }
    }

    /// `None` of an empty list, which nothing keeps.
    pub fn of(list: &[u32]) -> Option<Few> {
        match list {
            [] => None,
            [one] => Some(Few::one(*one)),
            more => Some(Few(Held::More(Box::new(more.to_vec())))),
        }
    }
}

impl Deref for Few {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        match &self.0 {
            Held::One(one) => std::slice::from_ref(one),
            Held::More(list) => list,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_was_put_in() {
        let mut few = Few::one(7);
        assert_eq!(*few, [7]);
        few.push(3);
        few.push(9);
        assert_eq!(*few, [7, 3, 9]);
        assert_eq!(Few::of(&few), Some(few));
        assert_eq!(Few::of(&[7]), Some(Few::one(7)));
        assert_eq!(Few::of(&[]), None);
    }
}
