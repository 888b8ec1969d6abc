//! Works on the items of a list in several threads. The results are in the order of the list, whichever thread made which.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How many items a thread takes at a time. Few, because one payee can take a thousand times as long as another.
const TAKEN: usize = 4;

/// Does the work for each item. Each thread makes a value with `begin`, passes it to `work`, and turns it into a result of its own
/// with `end`.
pub fn each<T: Sync, C, R: Send, E: Send>(
    items: &[T],
    begin: impl Fn() -> C + Sync,
    work: impl Fn(&C, &T) -> R + Sync,
    end: impl Fn(C) -> E + Sync,
) -> (Vec<R>, Vec<E>) {
    each_on(cores(), items, begin, work, end)
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

fn each_on<T: Sync, C, R: Send, E: Send>(
    threads: usize,
    items: &[T],
    begin: impl Fn() -> C + Sync,
    work: impl Fn(&C, &T) -> R + Sync,
    end: impl Fn(C) -> E + Sync,
) -> (Vec<R>, Vec<E>) {
    let next = AtomicUsize::new(0);
    let one = || {
        let with = begin();
        let mut done = Vec::new();
        loop {
            let first = next.fetch_add(TAKEN, Ordering::Relaxed);
            if first >= items.len() {
                break;
            }
            let last = items.len().min(first + TAKEN);
            done.extend((first..last).map(|index| (index, work(&with, &items[index]))));
        }
        (done, end(with))
    };
    let threads = threads.min(items.len().div_ceil(TAKEN)).max(1);
    let parts: Vec<(Vec<(usize, R)>, E)> = if threads == 1 {
        vec![one()]
    } else {
        thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
            let joined = running.into_iter().map(|thread| match thread.join() {
                Ok(part) => part,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            joined.collect()
        })
    };
    let mut ends = Vec::with_capacity(parts.len());
    let mut done = Vec::with_capacity(items.len());
    for (part, end) in parts {
        done.extend(part);
        ends.push(end);
    }
    done.sort_by_key(|(index, _)| *index);
    (done.into_iter().map(|(_, result)| result).collect(), ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_out_is_in_order_on_any_number_of_threads() {
        let items: Vec<u64> = (0..1_000).collect();
        let expected: Vec<u64> = items.iter().map(|item| item * item).collect();
        for threads in [1, 2, 3, 8, 64] {
            let (squares, ends) = each_on(threads, &items, || (), |(), item| item * item, |()| 1);
            assert_eq!(squares, expected);
            assert_eq!(ends.len(), threads);
        }
        assert_eq!(each_on(8, &[] as &[u64], || (), |(), item| *item, |()| ()).0, []);
    }
}
