//! What calls came to so far: those of a kind that never came to anything are left out.
//!
//! Which moves say nothing new depends on the task: mending a picture without noise gives it back,
//! and a picture beside a picture is too wide where none may grow. Both are the same for all calls
//! of a move on arguments of the same kind.

use super::{Table, TypeId};

/// Calls of a kind that are made whatever they come to.
const TRIED: u32 = 16;
/// A call with a value counts for so many that failed: these say less of other arguments.
const VALUE_WEIGHT: u32 = 4;
/// Levels after which a share counts half.
const FADING: f64 = 0.5;

/// A kind of calls: a move, and which of its arguments are pictures of the wanted shapes, a bit
/// for each.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) number: usize,
    pub(super) shaped: usize,
}

/// What the calls of a kind came to.
#[derive(Clone, Copy, Default)]
struct Tally {
    /// Calls, those with a value weighted.
    calls: u32,
    /// Those that made a state that is new.
    new: u32,
    /// Those that made something that can be painted.
    painted: u32,
}

/// What is known of a call before it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prospect {
    /// Calls of its kind made nothing new.
    pub(super) is_barren: bool,
    /// Calls of its kind made nothing that can be painted.
    pub(super) is_step: bool,
}

/// Calls that make a type, by their prospects.
#[derive(Clone, Copy, Default)]
struct Asked {
    all: f64,
    barren: f64,
    steps: f64,
}

/// All that is known of calls.
pub(super) struct Calls {
    tallies: Vec<Vec<Tally>>,
    /// Of each move: whether steps are told from what can be painted.
    tells_steps: Vec<bool>,
    asked: Vec<Asked>,
}

impl Calls {
    /// Knows nothing of the moves of a table.
    ///
    /// Where shapes change, what hits the wanted ones is rare and worth finding: there no calls
    /// count as steps. Nor do those that make a picture of no picture: its shape may be any.
    pub(super) fn new(table: &Table, keeps_shape: bool) -> Self {
        let grid = table.roles.grid;
        let moves = || table.moves.iter();
        Self {
            tallies: moves()
                .map(|one| vec![Tally::default(); 1 << one.parameters.len()])
                .collect(),
            tells_steps: moves()
                .map(|one| keeps_shape && (one.result != grid || one.parameters.contains(&grid)))
                .collect(),
            asked: vec![Asked::default(); table.caps.len()],
        }
    }

    /// Asks what is to be expected of a call that makes a type.
    pub(super) fn ask(&mut self, kind: Kind, result: TypeId) -> Prospect {
        let tally = self.tallies[kind.number][kind.shaped];
        let is_known = tally.calls >= TRIED * VALUE_WEIGHT;
        let prospect = Prospect {
            is_barren: is_known && tally.new == 0,
            is_step: is_known && self.tells_steps[kind.number] && tally.painted == 0,
        };
        let asked = &mut self.asked[usize::from(result)];
        asked.all += 1.0;
        if prospect.is_barren {
            asked.barren += 1.0;
        } else if prospect.is_step {
            asked.steps += 1.0;
        }
        prospect
    }

    /// Notes what a call came to.
    pub(super) fn note(&mut self, kind: Kind, has_value: bool, is_new: bool, is_painted: bool) {
        let tally = &mut self.tallies[kind.number][kind.shaped];
        tally.calls += if has_value { VALUE_WEIGHT } else { 1 };
        tally.new += u32::from(is_new);
        tally.painted += u32::from(is_painted);
    }

    /// Lets what was asked on earlier levels count less.
    pub(super) fn begin_level(&mut self) {
        for Asked { all, barren, steps } in &mut self.asked {
            for count in [all, barren, steps] {
                *count *= FADING;
            }
        }
    }

    /// The shares of the calls that make a type: those that are barren, and of the others those
    /// that made nothing to paint.
    pub(super) fn shares(&self, result: TypeId) -> (f64, f64) {
        let Asked { all, barren, steps } = self.asked[usize::from(result)];
        if all == 0.0 {
            return (0.0, 0.0);
        }
        let others = (all - barren).max(1.0);
        (barren / all, steps / others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use super::super::{Action, Move, Roles};
    use crate::lookup;

    const KIND: Kind = Kind {
        number: 1,
        shaped: 0b10,
    };

    /// Two moves: one makes pictures of no pictures, the other of two.
    fn table() -> Table {
        let a_move = |name, parameters: &[TypeId]| Move {
            action: Action::Call(lookup(name).expect("a primitive").into()),
            parameters: parameters.into(),
            result: 0,
            cost: 1,
            commutes: false,
            barred: Vec::new(),
        };
        Table {
            moves: vec![a_move("canvas", &[1, 2]), a_move("hconcat", &[0, 0])],
            caps: vec![100; 3],
            roles: Roles {
                grid: 0,
                object: 3,
                indices: 3,
                color: 1,
            },
        }
    }

    fn after(calls: u32, is_new: impl Fn(u32) -> bool, is_painted: bool) -> Calls {
        let mut known = Calls::new(&table(), true);
        for call in 0..calls {
            known.note(KIND, true, is_new(call), is_painted);
        }
        known
    }

    #[test]
    fn calls_are_believed_to_be_barren_after_enough_of_them() {
        for (mut known, is_barren, is_step) in [
            (after(TRIED - 1, |_| false, false), false, false),
            (after(TRIED, |_| false, false), true, true),
            (after(TRIED, |call| call == 0, false), false, true),
            (after(TRIED, |_| true, true), false, false),
        ] {
            let prospect = known.ask(KIND, 0);
            assert_eq!((prospect.is_barren, prospect.is_step), (is_barren, is_step));
        }
    }

    #[test]
    fn calls_that_fail_count_less() {
        let mut known = Calls::new(&table(), true);
        for _ in 0..VALUE_WEIGHT * TRIED - 1 {
            known.note(KIND, false, false, false);
        }
        assert!(!known.ask(KIND, 0).is_barren);
        known.note(KIND, false, false, false);
        assert!(known.ask(KIND, 0).is_barren);
    }

    #[test]
    fn where_shapes_change_there_are_no_steps() {
        let mut known = Calls::new(&table(), false);
        for call in 0..2 * TRIED {
            known.note(KIND, true, call == 0, false);
        }
        let prospect = known.ask(KIND, 0);
        assert!(!prospect.is_barren && !prospect.is_step);
    }

    #[test]
    fn a_picture_of_no_picture_is_no_step() {
        let kind = Kind {
            number: 0,
            shaped: 0,
        };
        let mut known = Calls::new(&table(), true);
        for _ in 0..TRIED {
            known.note(kind, true, true, false);
        }
        assert!(!known.ask(kind, 0).is_step);
    }

    #[test]
    fn other_arguments_are_another_kind() {
        let mut known = after(TRIED, |_| false, false);
        let other = Kind { shaped: 0, ..KIND };
        assert!(known.ask(KIND, 0).is_barren);
        assert!(!known.ask(other, 0).is_barren);
    }

    #[test]
    fn shares_are_those_of_the_last_levels() {
        let mut known = after(TRIED, |call| call == 0, false);
        assert_eq!(known.shares(2), (0.0, 0.0));
        for _ in 0..4 {
            known.ask(KIND, 2);
        }
        assert_eq!(known.shares(2), (0.0, 1.0));
        known.begin_level();
        for _ in 0..2 {
            known.ask(Kind { shaped: 0, ..KIND }, 2);
        }
        assert_eq!(known.shares(2), (0.0, 0.5));
    }
}
