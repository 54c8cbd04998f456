//! Sorting locations and cells: small boxes are filled and read out in order.

use smallvec::{smallvec, SmallVec};

use super::{Cell, Location};

/// Below this many members a sort is quicker than a box.
const FEW: usize = 24;
/// How many words of a box may be looked at for each member.
const WORDS_PER_MEMBER: usize = 4;
const WORD: usize = u64::BITS as usize;
const COLORS: usize = 256;

/// The bits of a box; those of most boxes need no memory of their own.
type Words = SmallVec<[u64; 64]>;

/// How many rows and columns a board has; those of ARC have at most 30.
const SIDE: usize = 32;

/// The colours that have a plane are below this.
const PLANES: usize = 10;

/// A bit for each location near the origin: a word for each row.
type Plane = [u32; SIDE];

/// A byte for each location near the origin: 0 where no member is.
pub(crate) type Board = [u8; SIDE * SIDE];

/// The place of a location on a board.
fn board_place((row, column): Location) -> Option<usize> {
    // As numbers without a sign, those below 0 are large too.
    let is_near = ((row | column) as u16) < SIDE as u16;
    is_near.then(|| row as usize % SIDE * SIDE + column as usize % SIDE)
}

/// Marks a location on a plane; returns whether it is near the origin.
fn mark_bit(plane: &mut Plane, (row, column): Location) -> bool {
    plane[row as usize % SIDE] |= 1 << (column as u32 % SIDE as u32);
    ((row | column) as u16) < SIDE as u16
}

/// Visits the locations that are marked on a plane, in order.
fn read_plane(plane: &Plane, mut visit: impl FnMut(Location)) {
    for (row, &word) in (0..).zip(plane) {
        let mut bits = word;
        while bits != 0 {
            visit((row, bits.trailing_zeros() as i16));
            bits &= bits - 1;
        }
    }
}

/// How many locations are marked on a plane.
fn count_marks(plane: &Plane) -> usize {
    plane.iter().map(|word| word.count_ones()).sum::<u32>() as usize
}

/// What a cell of a colour leaves on a board: 0 for one colour, whose cells it cannot show.
fn mark(color: i8) -> u8 {
    (color as u8).wrapping_add(1)
}

/// Members that can be sorted with a bit for each place.
pub(crate) trait Ascend: Copy + Ord {
    /// A number that orders members as they are ordered: quicker to compare than they are.
    fn key(self) -> u64;

    /// Joins parts whose members lie near the origin, if they do, without repetition.
    fn fill_plane(parts: &[&[Self]]) -> Option<Vec<Self>>;

    /// Joins parts whose members lie near each other, if they do, without repetition.
    fn fill_box(parts: &[&[Self]]) -> Option<Vec<Self>>;

    /// Marks distinct members on a board, if all of them have a place of their own there.
    fn board(members: &[Self]) -> Option<Board>;

    /// Returns whether a member was marked on a board.
    fn is_on(self, board: &Board) -> bool;

    /// Sorts members and drops those that come again.
    fn ascend(members: &mut Vec<Self>) {
        if members.windows(2).all(|two| two[0].key() < two[1].key()) {
            return;
        }
        if members.len() >= FEW {
            if let Some(ascending) = Self::fill_box(&[members]) {
                *members = ascending;
                return;
            }
        }
        members.sort_unstable_by_key(|member| member.key());
        members.dedup();
    }

    /// Joins parts, each of which ascends, into one that does.
    fn join(parts: &[&[Self]]) -> Vec<Self> {
        let count = parts.iter().map(|part| part.len()).sum::<usize>();
        match parts {
            [a, b] if a.len().min(b.len()) < count / FEW => return insert(a, b),
            [a, b] => return merge(a, b),
            _ if count < FEW => {}
            _ => {
                if let Some(ascending) = Self::fill_box(parts) {
                    return ascending;
                }
            }
        }
        let mut joined = parts.concat();
        Self::ascend(&mut joined);
        joined
    }
}

/// Joins two ascending parts.
fn merge<T: Ascend>(a: &[T], b: &[T]) -> Vec<T> {
    let mut joined = Vec::with_capacity(a.len() + b.len());
    let (mut next_a, mut next_b) = (0, 0);
    while let (Some(&one), Some(&other)) = (a.get(next_a), b.get(next_b)) {
        let (key, other_key) = (one.key(), other.key());
        joined.push(if key <= other_key { one } else { other });
        next_a += usize::from(key <= other_key);
        next_b += usize::from(other_key <= key);
    }
    joined.extend_from_slice(&a[next_a..]);
    joined.extend_from_slice(&b[next_b..]);
    joined
}

/// Joins two ascending parts of which one is far smaller.
fn insert<T: Ascend>(a: &[T], b: &[T]) -> Vec<T> {
    let (few, many) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let mut joined = Vec::with_capacity(a.len() + b.len());
    let mut done = 0;
    for &member in few {
        let place = done + many[done..].partition_point(|other| other.key() < member.key());
        joined.extend_from_slice(&many[done..place]);
        joined.push(member);
        done = place + usize::from(many.get(place) == Some(&member));
    }
    joined.extend_from_slice(&many[done..]);
    joined
}

/// The rectangle around some locations; each row of it is some words with a bit for each column.
struct Frame {
    top: i16,
    left: i16,
    height: usize,
    /// Words of a row.
    stride: usize,
}

impl Frame {
    fn around<T: Copy>(parts: &[&[T]], location: impl Fn(T) -> Location) -> Self {
        let (mut top, mut bottom) = (i16::MAX, i16::MIN);
        let (mut left, mut right) = (i16::MAX, i16::MIN);
        for part in parts {
            for &member in *part {
                let (row, column) = location(member);
                (top, bottom) = (top.min(row), bottom.max(row));
                (left, right) = (left.min(column), right.max(column));
            }
        }
        let size = |low: i16, high: i16| (i32::from(high) - i32::from(low) + 1) as usize;
        Self {
            top,
            left,
            height: size(top, bottom),
            stride: size(left, right).div_ceil(WORD),
        }
    }

    fn words(&self) -> usize {
        self.height * self.stride
    }

    /// The word and the bit of a location inside.
    fn place(&self, (row, column): Location) -> (usize, u64) {
        let offset = |low: i16, high: i16| (i32::from(high) - i32::from(low)) as usize;
        let column = offset(self.left, column);
        (
            offset(self.top, row) * self.stride + column / WORD,
            1 << (column % WORD),
        )
    }

    /// Visits the locations whose bits are set, in order.
    fn read(&self, words: &[u64], mut visit: impl FnMut(Location)) {
        for (row, words) in words.chunks_exact(self.stride).enumerate() {
            let row = (i32::from(self.top) + row as i32) as i16;
            for (place, &word) in words.iter().enumerate() {
                let column = i32::from(self.left) + (place * WORD) as i32;
                let mut bits = word;
                while bits != 0 {
                    visit((row, (column + bits.trailing_zeros() as i32) as i16));
                    bits &= bits - 1;
                }
            }
        }
    }
}

/// Moves the least number to 0, the others as far.
fn shifted(coordinate: i16) -> u64 {
    (i32::from(coordinate) - i32::from(i16::MIN)) as u64
}

/// Undoes [`shifted`].
fn unshifted(shifted: u64) -> i16 {
    (i32::from(i16::MIN) + i32::from(shifted as u16)) as i16
}

/// Returns the location that has a key.
pub(crate) fn location_of_key(key: u64) -> Location {
    (unshifted(key >> 16), unshifted(key))
}

impl Ascend for Location {
    fn key(self) -> u64 {
        shifted(self.0) << 16 | shifted(self.1)
    }

    fn board(members: &[Self]) -> Option<Board> {
        let mut board = [0; SIDE * SIDE];
        for &location in members {
            board[board_place(location)?] = 1;
        }
        Some(board)
    }

    fn is_on(self, board: &Board) -> bool {
        board_place(self).is_some_and(|place| board[place] != 0)
    }

    fn fill_plane(parts: &[&[Self]]) -> Option<Vec<Self>> {
        let mut plane = [0; SIDE];
        for part in parts {
            let mark = |are_near, &location: &Self| mark_bit(&mut plane, location) & are_near;
            if !part.iter().fold(true, mark) {
                return None;
            }
        }
        let mut ascending = Vec::with_capacity(count_marks(&plane));
        read_plane(&plane, |location| ascending.push(location));
        Some(ascending)
    }

    fn fill_box(parts: &[&[Self]]) -> Option<Vec<Self>> {
        if let Some(ascending) = Self::fill_plane(parts) {
            return Some(ascending);
        }
        let count = parts.iter().map(|part| part.len()).sum::<usize>();
        let frame = Frame::around(parts, |location| location);
        if frame.words() > WORDS_PER_MEMBER * count {
            return None;
        }
        let mut words: Words = smallvec![0; frame.words()];
        for part in parts {
            for &location in *part {
                let (word, bit) = frame.place(location);
                words[word] |= bit;
            }
        }
        let mut ascending = Vec::with_capacity(count_bits(&words));
        frame.read(&words, |location| ascending.push(location));
        Some(ascending)
    }
}

impl Ascend for Cell {
    fn key(self) -> u64 {
        shifted(self.color.into()) << 32 | self.location.key()
    }

    fn board(members: &[Self]) -> Option<Board> {
        let mut board = [0; SIDE * SIDE];
        let mut is_crowded = false;
        for cell in members {
            let place = &mut board[board_place(cell.location)?];
            is_crowded |= *place != 0 || mark(cell.color) == 0;
            *place = mark(cell.color);
        }
        (!is_crowded).then_some(board)
    }

    fn is_on(self, board: &Board) -> bool {
        let mark = mark(self.color);
        mark != 0 && board_place(self.location).is_some_and(|place| board[place] == mark)
    }

    fn fill_plane(parts: &[&[Self]]) -> Option<Vec<Self>> {
        let mut planes = [[0; SIDE]; PLANES];
        let mut colors = 0_u32;
        for part in parts {
            for cell in *part {
                // A negative colour is a large one without a sign.
                let plane = planes.get_mut(cell.color as u8 as usize)?;
                if !mark_bit(plane, cell.location) {
                    return None;
                }
                colors |= 1 << cell.color;
            }
        }
        let used = || (0..PLANES).filter(|color| colors & 1 << color != 0);
        let count = used().map(|color| count_marks(&planes[color])).sum();
        let mut ascending = Vec::with_capacity(count);
        for color in used() {
            read_plane(&planes[color], |location| {
                ascending.push(Self::new(color as i8, location));
            });
        }
        Some(ascending)
    }

    fn fill_box(parts: &[&[Self]]) -> Option<Vec<Self>> {
        if let Some(ascending) = Self::fill_plane(parts) {
            return Some(ascending);
        }
        let count = parts.iter().map(|part| part.len()).sum::<usize>();
        let slot = |color: i8| (i16::from(color) + 128) as usize;
        let mut is_there = [false; COLORS];
        let (mut least, mut most) = (i8::MAX, i8::MIN);
        for cell in parts.iter().copied().flatten() {
            is_there[slot(cell.color)] = true;
            (least, most) = (least.min(cell.color), most.max(cell.color));
        }
        let colors: SmallVec<[i8; 16]> = (least..=most)
            .filter(|&color| is_there[slot(color)])
            .collect();
        let frame = Frame::around(parts, |cell: Self| cell.location);
        if colors.len() * frame.words() > WORDS_PER_MEMBER * count {
            return None;
        }
        let mut layers = [0_usize; COLORS];
        for (layer, &color) in colors.iter().enumerate() {
            layers[slot(color)] = layer * frame.words();
        }
        let mut words: Words = smallvec![0; colors.len() * frame.words()];
        for part in parts {
            for cell in *part {
                let (word, bit) = frame.place(cell.location);
                words[layers[slot(cell.color)] + word] |= bit;
            }
        }
        let mut ascending = Vec::with_capacity(count_bits(&words));
        for (&color, words) in colors.iter().zip(words.chunks(frame.words())) {
            frame.read(words, |location| ascending.push(Self::new(color, location)));
        }
        Some(ascending)
    }
}

fn count_bits(words: &[u64]) -> usize {
    words.iter().map(|word| word.count_ones() as usize).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random.
    fn numbers(seed: u64) -> impl FnMut(i16) -> i16 {
        let mut state = seed;
        move |below| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(seed | 1);
            ((state >> 33) % below as u64) as i16
        }
    }

    fn check<T: Ascend + std::fmt::Debug>(members: Vec<T>) {
        let (mut sorted, mut ascended) = (members.clone(), members);
        sorted.sort_unstable();
        sorted.dedup();
        assert!(sorted.windows(2).all(|two| two[0].key() < two[1].key()));
        T::ascend(&mut ascended);
        assert_eq!(ascended, sorted);
        for step in [2, 3, 30] {
            let some: Vec<T> = sorted.iter().copied().step_by(step).collect();
            let all: [&[T]; 4] = [&sorted, &some, &[], &some];
            assert_eq!(T::join(&all), sorted);
            assert_eq!(T::join(&[&some, &sorted]), sorted);
            let rest: Vec<T> = sorted
                .iter()
                .copied()
                .filter(|one| !some.contains(one))
                .collect();
            assert_eq!(T::join(&[&rest, &some]), sorted);
            if let Some(board) = T::board(&some) {
                assert!(some.iter().all(|one| one.is_on(&board)));
                assert!(!rest.iter().any(|one| one.is_on(&board)));
            }
        }
    }

    #[test]
    fn boxes_sort_as_sorting_does() {
        for seed in 0..400 {
            let mut next = numbers(seed);
            let count = next(200) as usize;
            let near = seed % 5 == 4;
            let (rows, columns) = if near {
                (1 + next(32), 1 + next(32))
            } else {
                (1 + next(40), 1 + next(140))
            };
            let (top, left) = match seed % 4 {
                _ if near => (0, 0),
                0 => (i16::MIN, i16::MAX - columns + 1),
                1 => (i16::MAX - rows + 1, i16::MIN),
                _ => (next(9) - 5, next(9) - 5),
            };
            let mut location = || (top + next(rows), left + next(columns));
            check((0..count).map(|_| location()).collect());
            let mut next = numbers(seed + 7);
            let colors = 1 + next(if seed % 5 == 0 { 255 } else { 9 });
            let mut cell = || {
                let color = (next(colors) - if near { 0 } else { colors / 2 }) as i8;
                Cell::new(color, (top + next(rows), left + next(columns)))
            };
            check((0..count).map(|_| cell()).collect());
        }
    }

    #[test]
    fn boards_show_all_or_nothing() {
        let edge = SIDE as i16;
        assert!(Location::board(&[(0, 0), (edge - 1, edge - 1)]).is_some());
        for far in [(-1, 0), (0, -1), (edge, 0), (0, edge)] {
            assert!(Location::board(&[far]).is_none());
            let board = Location::board(&[(0, 0), (edge - 1, edge - 1)]).expect("near");
            assert!(!far.is_on(&board));
        }
        let cells = |colors: [i8; 2]| colors.map(|color| Cell::new(color, (3, 4)));
        assert!(Cell::board(&cells([1, 2])).is_none());
        assert!(Cell::board(&[Cell::new(-1, (3, 4))]).is_none());
        let board = Cell::board(&[Cell::new(2, (3, 4))]).expect("one");
        assert!(!Cell::new(1, (3, 4)).is_on(&board));
        assert!(!Cell::new(-1, (5, 5)).is_on(&board));
        assert!(Cell::new(2, (3, 4)).is_on(&board));
    }

    #[test]
    fn far_members_are_sorted_too() {
        let far = [
            (i16::MAX, i16::MIN),
            (i16::MIN, i16::MAX),
            (0, 0),
            (i16::MIN, i16::MIN),
        ];
        let locations: Vec<Location> = far.into_iter().cycle().take(40).collect();
        check(locations.clone());
        check(locations.iter().map(|&(row, _)| (row, 3)).collect());
        check(
            locations
                .into_iter()
                .map(|location| Cell::new(-1, location))
                .collect(),
        );
    }
}
