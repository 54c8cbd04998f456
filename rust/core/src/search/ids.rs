//! A table that finds numbered things by their hashes; the things themselves are kept elsewhere.

/// No thing has this number.
const NONE: u32 = u32::MAX;
/// Places of the smallest table.
const LEAST: usize = 1 << 10;

/// Part of the hash of a thing, and its number.
#[derive(Clone, Copy)]
struct Slot {
    hash: u32,
    id: u32,
}

const FREE: Slot = Slot { hash: 0, id: NONE };

/// The numbers of things, in a table with open addressing.
pub(super) struct IdTable {
    /// A power of two of them.
    slots: Vec<Slot>,
    taken: usize,
}

impl Default for IdTable {
    fn default() -> Self {
        Self {
            slots: vec![FREE; LEAST],
            taken: 0,
        }
    }
}

impl IdTable {
    /// Returns the thing with a hash that passes a test of being the wanted one.
    pub(super) fn find(&self, hash: u64, mut is_wanted: impl FnMut(u32) -> bool) -> Option<u32> {
        let hash = narrow(hash);
        let mut place = self.start(hash);
        loop {
            let slot = self.slots[place];
            if slot.id == NONE {
                return None;
            }
            if slot.hash == hash && is_wanted(slot.id) {
                return Some(slot.id);
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
    }

    /// Adds a thing that is not in the table.
    pub(super) fn insert(&mut self, hash: u64, id: u32) {
        if 4 * self.taken >= 3 * self.slots.len() {
            let larger = vec![FREE; 2 * self.slots.len()];
            for slot in std::mem::replace(&mut self.slots, larger) {
                if slot.id != NONE {
                    self.put(slot);
                }
            }
        }
        self.taken += 1;
        self.put(Slot {
            hash: narrow(hash),
            id,
        });
    }

    /// Bytes that the table takes.
    pub(super) fn bytes(&self) -> usize {
        self.slots.len() * size_of::<Slot>()
    }

    fn put(&mut self, slot: Slot) {
        let mut place = self.start(slot.hash);
        while self.slots[place].id != NONE {
            place = (place + 1) & (self.slots.len() - 1);
        }
        self.slots[place] = slot;
    }

    /// The place where the search for a hash begins.
    fn start(&self, hash: u32) -> usize {
        hash as usize & (self.slots.len() - 1)
    }
}

fn narrow(hash: u64) -> u32 {
    (hash ^ hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_with_one_hash_are_told_apart() {
        let mut table = IdTable::default();
        let things: Vec<u64> = (0..4 * LEAST as u64).collect();
        let hash = |thing: u64| thing / 3;
        for (id, &thing) in things.iter().enumerate() {
            let is_it = |id: u32| things[id as usize] == thing;
            assert_eq!(table.find(hash(thing), is_it), None);
            table.insert(hash(thing), id as u32);
        }
        for (id, &thing) in things.iter().enumerate() {
            let is_it = |id: u32| things[id as usize] == thing;
            assert_eq!(table.find(hash(thing), is_it), Some(id as u32));
        }
        assert!(table.bytes() >= things.len() * size_of::<Slot>());
    }
}
