//! Calls of productions on all samples.

use smallvec::SmallVec;

use crate::evaluate::catch_panic;
use crate::failure::FailureKind;
use crate::meter::Meter;
use crate::value::Value;

use super::bank::Bank;
use super::memo::{CallKey, Known};
use super::pool::ValueId;
use super::states::StateId;
use super::ARITY_MAX;

/// Pictures with a longer side are no step on the way to an answer of at most 30 by 30.
pub const SIDE_MAX: usize = 60;

/// A call was stopped by the clock, or from outside.
pub(super) struct OutOfTime;

/// A value for each sample, demos first.
pub(super) type Made = SmallVec<[ValueId; 8]>;

/// The value of a call on a sample.
enum One {
    /// An earlier call has made it.
    Known(ValueId),
    /// It is one of those that were made now.
    Fresh(usize),
}

/// Calls a production on some states; None where it fails on a sample, or makes nothing of use.
pub(super) fn apply(
    bank: &mut Bank<'_>,
    number: usize,
    args: &[StateId],
    meter: &mut Meter<'_>,
) -> Result<Option<Made>, OutOfTime> {
    let callee = &bank.grammar.productions[number].callee;
    let args: SmallVec<[&[ValueId]; ARITY_MAX]> =
        args.iter().map(|&arg| bank.states.values(arg)).collect();
    let mut made: SmallVec<[One; 8]> = SmallVec::new();
    // What fails on a later sample leaves nothing in the pool.
    let mut fresh: SmallVec<[(CallKey, Value); 8]> = SmallVec::new();
    for sample in 0..bank.problem.samples {
        let key = CallKey::new(bank.callees[number], args.iter().map(|arg| arg[sample]));
        match bank.memo.get(key) {
            Some(Known::Value(id)) => made.push(One::Known(id)),
            Some(Known::Failure) => return Ok(None),
            None => {
                let before = fresh.iter().position(|(made, _)| *made == key);
                made.push(One::Fresh(before.unwrap_or(fresh.len())));
                if before.is_some() {
                    continue;
                }
                let inputs: SmallVec<[&Value; ARITY_MAX]> =
                    args.iter().map(|arg| bank.pool.get(arg[sample])).collect();
                meter.restart();
                match catch_panic(|| meter.call(callee, &inputs)) {
                    Ok(value) if is_handy(&value) => fresh.push((key, value)),
                    Err(failure) if failure.kind == FailureKind::Deadline => return Err(OutOfTime),
                    _ => {
                        bank.memo.insert(key, Known::Failure);
                        return Ok(None);
                    }
                }
            }
        }
    }
    let is_empty = |one: &One| {
        let value = match one {
            One::Known(id) => bank.pool.get(*id),
            One::Fresh(place) => &fresh[*place].1,
        };
        value.size() == Some(0)
    };
    if made[..bank.wanted.len()].iter().all(is_empty) {
        for (key, value) in fresh {
            if let Some(id) = bank.pool.find(&value) {
                bank.memo.insert(key, Known::Value(id));
            }
        }
        return Ok(None);
    }
    let fresh: SmallVec<[ValueId; 8]> = fresh
        .into_iter()
        .map(|(key, value)| {
            let id = bank.pool.intern(value);
            bank.memo.insert(key, Known::Value(id));
            id
        })
        .collect();
    let id_of = |one| match one {
        One::Known(id) => id,
        One::Fresh(place) => fresh[place],
    };
    Ok(Some(made.into_iter().map(id_of).collect()))
}

/// Returns whether a value may be a step on the way: a picture that is neither empty nor huge.
fn is_handy(value: &Value) -> bool {
    match value {
        Value::Grid(grid) => {
            (1..=SIDE_MAX).contains(&grid.height()) && (1..=SIDE_MAX).contains(&grid.width())
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Grammar, Problem, Production, Roles, Terminal};
    use super::*;
    use crate::lookup;
    use crate::meter::Bounds;

    fn grammar() -> Grammar {
        let a_production = |name| Production {
            callee: lookup(name).expect("a primitive"),
            parameters: [0].as_slice().into(),
            result: 0,
            cost: 1,
            commutes: false,
            barred: Vec::new(),
        };
        Grammar {
            productions: ["vmirror", "hmirror", "vmirror"].map(a_production).into(),
            caps: vec![100; 2],
            roles: Roles {
                grid: 0,
                object: 1,
                indices: 1,
                color: 1,
            },
        }
    }

    fn problem() -> Problem {
        let terminal = |second| Terminal {
            type_id: 0,
            cost: 1,
            values: [[1, 2], second]
                .map(|row: [i8; 2]| Value::grid(1, 2, row.into()))
                .into(),
            is_samples: false,
        };
        Problem {
            terminals: vec![terminal([3, 4]), terminal([5, 6])],
            wanted: vec![Value::grid(1, 2, vec![7, 7])],
            samples: 2,
        }
    }

    #[test]
    fn known_calls_take_no_fuel() {
        let (grammar, problem) = (grammar(), problem());
        let mut bank = Bank::new(&grammar, &problem);
        bank.add_terminals(1);
        let mut call = |number, state, node_fuel| {
            let mut meter = Meter::new(Bounds {
                node_fuel,
                ..Bounds::default()
            });
            apply(&mut bank, number, &[state], &mut meter)
                .ok()
                .flatten()
        };
        let made = call(0, 0, 1000).expect("a value on each sample");
        assert_eq!(call(0, 0, 0), Some(made.clone()));
        // Another production with the same callee knows them too; another callee does not.
        assert_eq!(call(2, 0, 0), Some(made));
        assert_eq!(call(1, 0, 0), None);
        // The failure itself is known, too.
        assert_eq!(call(1, 0, 1000), None);
        // The second sample differs.
        assert_eq!(call(0, 1, 0), None);
    }
}
