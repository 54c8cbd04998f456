//! The results of earlier calls, by kinds of calls: kinds that never made anything new are left out.
//!
//! The unproductive productions depend on the task: mending a picture without noise returns it
//! unchanged, and two pictures side by side are too wide where no output is wider than its input.
//! Both hold for all calls of a production on arguments of the same kind.

use super::{Grammar, TypeId};

/// The first calls of a kind, which are made in any case.
const TRIED: u32 = 16;
/// The weight of a call with a value; a failed call is weaker evidence and has weight 1.
const VALUE_WEIGHT: u32 = 4;
/// Levels after which a share counts half.
const FADING: f64 = 0.5;

/// A kind of calls: a production, and which of its arguments are pictures of the wanted shapes, a bit
/// for each.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) number: usize,
    pub(super) shaped: usize,
}

/// The results of the calls of a kind.
#[derive(Clone, Copy, Default)]
struct KindTally {
    /// Calls, those with a value weighted.
    calls: u32,
    /// Those that made a state that is new.
    new: u32,
    /// Those that made something that can be painted.
    painted: u32,
}

/// The expectation of a call before it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prospect {
    /// Calls of its kind made nothing new.
    pub(super) is_unproductive: bool,
    /// Calls of its kind made nothing that can be painted.
    pub(super) is_step: bool,
}

/// Calls that make a type, by their prospects.
#[derive(Clone, Copy, Default)]
struct Asked {
    all: f64,
    unproductive: f64,
    steps: f64,
}

/// All that is known of calls.
pub(super) struct Calls {
    tallies: Vec<Vec<KindTally>>,
    /// Of each production: whether steps are told from what can be painted.
    tells_steps: Vec<bool>,
    asked: Vec<Asked>,
}

impl Calls {
    /// Knows nothing of the productions of a grammar.
    ///
    /// Where shapes change, what hits the wanted ones is rare and worth finding: there no calls
    /// count as steps. Nor do those that make a picture of no picture: its shape may be any.
    pub(super) fn new(grammar: &Grammar, keeps_shape: bool) -> Self {
        let grid = grammar.roles.grid;
        let productions = || grammar.productions.iter();
        Self {
            tallies: productions()
                .map(|one| vec![KindTally::default(); 1 << one.parameters.len()])
                .collect(),
            tells_steps: productions()
                .map(|one| keeps_shape && (one.result != grid || one.parameters.contains(&grid)))
                .collect(),
            asked: vec![Asked::default(); grammar.caps.len()],
        }
    }

    /// Returns the expectation of a call that makes a type.
    pub(super) fn ask(&mut self, kind: Kind, result: TypeId) -> Prospect {
        let tally = self.tallies[kind.number][kind.shaped];
        let is_known = tally.calls >= TRIED * VALUE_WEIGHT;
        let prospect = Prospect {
            is_unproductive: is_known && tally.new == 0,
            is_step: is_known && self.tells_steps[kind.number] && tally.painted == 0,
        };
        let asked = &mut self.asked[usize::from(result)];
        asked.all += 1.0;
        if prospect.is_unproductive {
            asked.unproductive += 1.0;
        } else if prospect.is_step {
            asked.steps += 1.0;
        }
        prospect
    }

    /// Notes the result of a call.
    pub(super) fn note(&mut self, kind: Kind, has_value: bool, is_new: bool, is_painted: bool) {
        let tally = &mut self.tallies[kind.number][kind.shaped];
        tally.calls += if has_value { VALUE_WEIGHT } else { 1 };
        tally.new += u32::from(is_new);
        tally.painted += u32::from(is_painted);
    }

    /// Lowers the weights of the calls on earlier levels.
    pub(super) fn begin_level(&mut self) {
        for Asked {
            all,
            unproductive,
            steps,
        } in &mut self.asked
        {
            for count in [all, unproductive, steps] {
                *count *= FADING;
            }
        }
    }

    /// The shares of the calls that make a type: those that are unproductive, and of the others those
    /// that made nothing to paint.
    pub(super) fn shares(&self, result: TypeId) -> (f64, f64) {
        let Asked {
            all,
            unproductive,
            steps,
        } = self.asked[usize::from(result)];
        if all == 0.0 {
            return (0.0, 0.0);
        }
        let others = (all - unproductive).max(1.0);
        (unproductive / all, steps / others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use super::super::{Production, Roles};
    use crate::lookup;

    const KIND: Kind = Kind {
        number: 1,
        shaped: 0b10,
    };

    /// Two productions: one makes pictures of no pictures, the other of two.
    fn grammar() -> Grammar {
        let a_production = |name, parameters: &[TypeId]| Production {
            callee: lookup(name).expect("a primitive"),
            parameters: parameters.into(),
            result: 0,
            cost: 1,
            commutes: false,
            barred: Vec::new(),
        };
        Grammar {
            productions: vec![
                a_production("canvas", &[1, 2]),
                a_production("hconcat", &[0, 0]),
            ],
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
        let mut known = Calls::new(&grammar(), true);
        for call in 0..calls {
            known.note(KIND, true, is_new(call), is_painted);
        }
        known
    }

    #[test]
    fn calls_count_as_unproductive_after_enough_of_them() {
        for (mut known, is_unproductive, is_step) in [
            (after(TRIED - 1, |_| false, false), false, false),
            (after(TRIED, |_| false, false), true, true),
            (after(TRIED, |call| call == 0, false), false, true),
            (after(TRIED, |_| true, true), false, false),
        ] {
            let prospect = known.ask(KIND, 0);
            assert_eq!(
                (prospect.is_unproductive, prospect.is_step),
                (is_unproductive, is_step)
            );
        }
    }

    #[test]
    fn calls_that_fail_count_less() {
        let mut known = Calls::new(&grammar(), true);
        for _ in 0..VALUE_WEIGHT * TRIED - 1 {
            known.note(KIND, false, false, false);
        }
        assert!(!known.ask(KIND, 0).is_unproductive);
        known.note(KIND, false, false, false);
        assert!(known.ask(KIND, 0).is_unproductive);
    }

    #[test]
    fn where_shapes_change_there_are_no_steps() {
        let mut known = Calls::new(&grammar(), false);
        for call in 0..2 * TRIED {
            known.note(KIND, true, call == 0, false);
        }
        let prospect = known.ask(KIND, 0);
        assert!(!prospect.is_unproductive && !prospect.is_step);
    }

    #[test]
    fn a_picture_of_no_picture_is_no_step() {
        let kind = Kind {
            number: 0,
            shaped: 0,
        };
        let mut known = Calls::new(&grammar(), true);
        for _ in 0..TRIED {
            known.note(kind, true, true, false);
        }
        assert!(!known.ask(kind, 0).is_step);
    }

    #[test]
    fn other_arguments_are_another_kind() {
        let mut known = after(TRIED, |_| false, false);
        let other = Kind { shaped: 0, ..KIND };
        assert!(known.ask(KIND, 0).is_unproductive);
        assert!(!known.ask(other, 0).is_unproductive);
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
