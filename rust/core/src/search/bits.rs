//! Sets of cells of all demos at once, a bit for each.

pub(super) const WORD: usize = u64::BITS as usize;

/// A set of cells.
pub(super) type Bits = Box<[u64]>;

/// Makes an empty set that has room for so many cells.
pub(super) fn empty(cells: usize) -> Bits {
    vec![0; cells.div_ceil(WORD)].into()
}

/// Makes the set of all cells.
pub(super) fn full(cells: usize) -> Bits {
    let mut bits = empty(cells);
    for cell in 0..cells {
        insert(&mut bits, cell);
    }
    bits
}

/// Adds a cell.
pub(super) fn insert(bits: &mut [u64], cell: usize) {
    bits[cell / WORD] |= 1 << (cell % WORD);
}

/// Counts the cells.
pub(super) fn count(bits: &[u64]) -> u32 {
    bits.iter().map(|word| word.count_ones()).sum()
}

/// Counts the cells that are in the first set and not in the second.
pub(super) fn count_without(bits: &[u64], without: &[u64]) -> u32 {
    bits.iter()
        .zip(without)
        .map(|(word, without)| (word & !without).count_ones())
        .sum()
}

/// Tells whether all cells of the first set are in the second.
pub(super) fn is_inside(bits: &[u64], other: &[u64]) -> bool {
    bits.iter()
        .zip(other)
        .all(|(word, other)| word & !other == 0)
}

/// Returns the union of two sets.
pub(super) fn union(bits: &[u64], other: &[u64]) -> Bits {
    bits.iter()
        .zip(other)
        .map(|(word, other)| word | other)
        .collect()
}

/// Counts the cells that both sets have.
pub(super) fn count_shared(bits: &[u64], other: &[u64]) -> u32 {
    bits.iter()
        .zip(other)
        .map(|(word, other)| (word & other).count_ones())
        .sum()
}

/// Returns the cells of the first set that are not in the second.
pub(super) fn without(bits: &[u64], without: &[u64]) -> Bits {
    bits.iter()
        .zip(without)
        .map(|(word, without)| word & !without)
        .collect()
}

/// Returns the cells that both sets have.
pub(super) fn common(bits: &[u64], other: &[u64]) -> Bits {
    bits.iter()
        .zip(other)
        .map(|(word, other)| word & other)
        .collect()
}
