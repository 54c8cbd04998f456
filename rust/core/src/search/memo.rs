//! Results of calls on single samples, so that no call is made twice.
//!
//! States that differ on some samples only repeat the calls on the others, and a later round repeats
//! those of the rounds before it.

use super::hashing::fold_to_word;
use super::pool::ValueId;

/// A callee with its arguments, as 64 bits that hardly any other call has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CallKey(u64);

impl CallKey {
    /// Mixes the number of a callee and those of its arguments.
    pub(super) fn new(callee: u32, args: impl IntoIterator<Item = ValueId>) -> Self {
        let callee = std::iter::once(u64::from(callee));
        Self(fold_to_word(callee.chain(args.into_iter().map(u64::from))))
    }
}

/// What is known of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It makes this value.
    Value(ValueId),
    /// It fails, or makes nothing of use.
    Failure,
}

/// No value has these numbers.
const FAILURE: u32 = u32::MAX - 1;
const FREE: u32 = u32::MAX;

/// Calls of the smallest table.
const LEAST: usize = 1 << 12;
/// Calls of the largest table: beyond them an earlier call makes room.
const MOST: usize = 1 << 22;

/// A call with what is known of it.
#[derive(Clone, Copy)]
struct Entry {
    /// The key in two parts, so that an entry takes 12 bytes.
    key: [u32; 2],
    result: u32,
}

const FREE_ENTRY: Entry = Entry {
    key: [0; 2],
    result: FREE,
};

/// The calls that were made, in a table with open addressing.
pub(super) struct Memo {
    /// A power of two of them.
    entries: Vec<Entry>,
    taken: usize,
}

impl Default for Memo {
    fn default() -> Self {
        Self {
            entries: vec![FREE_ENTRY; LEAST],
            taken: 0,
        }
    }
}

impl Memo {
    /// Returns what is known of a call.
    pub(super) fn get(&self, key: CallKey) -> Option<Known> {
        let entry = &self.entries[self.place(key)];
        match entry.result {
            FREE => None,
            FAILURE => Some(Known::Failure),
            value => Some(Known::Value(value)),
        }
    }

    /// Notes a call that is not known.
    pub(super) fn insert(&mut self, key: CallKey, known: Known) {
        if 4 * self.taken >= 3 * self.entries.len() {
            if self.entries.len() < MOST {
                self.grow();
            } else {
                // Forgetting now and then is cheaper than a table of what was used last.
                self.entries.fill(FREE_ENTRY);
                self.taken = 0;
            }
        }
        let place = self.place(key);
        self.taken += 1;
        self.entries[place] = Entry {
            key: [key.0 as u32, (key.0 >> 32) as u32],
            result: match known {
                Known::Value(value) => value,
                Known::Failure => FAILURE,
            },
        };
    }

    /// Bytes that the table takes.
    pub(super) fn bytes(&self) -> usize {
        self.entries.len() * size_of::<Entry>()
    }

    /// Finds the entry of a call, or the free one where it would be.
    fn place(&self, key: CallKey) -> usize {
        let mask = self.entries.len() - 1;
        let parts = [key.0 as u32, (key.0 >> 32) as u32];
        let mut place = (key.0 >> 20) as usize & mask;
        loop {
            let entry = &self.entries[place];
            if entry.result == FREE || entry.key == parts {
                return place;
            }
            place = (place + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let larger = vec![FREE_ENTRY; 2 * self.entries.len()];
        for entry in std::mem::replace(&mut self.entries, larger) {
            if entry.result != FREE {
                let [low, high] = entry.key.map(u64::from);
                let place = self.place(CallKey(high << 32 | low));
                self.entries[place] = entry;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> CallKey {
        CallKey::new(number % 7, [number / 7, number % 5])
    }

    #[test]
    fn calls_are_known_after_they_were_noted() {
        let mut memo = Memo::default();
        let known = |number| match number % 3 {
            0 => Known::Failure,
            _ => Known::Value(number),
        };
        let calls = 3 * LEAST as u32;
        for number in 0..calls {
            assert_eq!(memo.get(key(number)), None);
            memo.insert(key(number), known(number));
        }
        for number in 0..calls {
            assert_eq!(memo.get(key(number)), Some(known(number)));
        }
        assert!(memo.bytes() > calls as usize * size_of::<Entry>());
    }

    #[test]
    fn the_order_and_the_number_of_arguments_count() {
        let keys = [
            CallKey::new(0, [0, 1]),
            CallKey::new(0, [1, 0]),
            CallKey::new(1, [0, 0]),
            CallKey::new(0, [0]),
            CallKey::new(0, [0, 0]),
            CallKey::new(0, [0, 0, 0]),
        ];
        for (place, one) in keys.iter().enumerate() {
            assert!(!keys[..place].contains(one));
        }
    }

    #[test]
    fn a_full_table_forgets() {
        let mut memo = Memo::default();
        for number in 0..MOST as u32 {
            memo.insert(key(number), Known::Failure);
        }
        assert_eq!(memo.bytes(), MOST * size_of::<Entry>());
        let last = MOST as u32 - 1;
        assert_eq!(memo.get(key(last)), Some(Known::Failure));
        assert_eq!(memo.get(key(0)), None);
    }
}
