//! Calls of productions on all samples.

use smallvec::SmallVec;

use crate::evaluate::catch_panic;
use crate::failure::FailureKind;
use crate::meter::Meter;
use crate::value::Value;

use super::bank::Bank;
use super::pool::ValueId;
use super::states::StateId;
use super::{Production, ARITY_MAX};

/// Pictures with a longer side are no step on the way to an answer of at most 30 by 30.
pub const SIDE_MAX: usize = 60;

/// A call was stopped by the clock, or from outside.
pub(super) struct OutOfTime;

/// A value for each sample, demos first.
pub(super) type Made = SmallVec<[Value; 8]>;

/// Calls a production on some states; None where it fails on a sample, or makes nothing of use.
pub(super) fn apply(
    bank: &Bank<'_>,
    production: &Production,
    args: &[StateId],
    meter: &mut Meter<'_>,
) -> Result<Option<Made>, OutOfTime> {
    // What fails on a later sample leaves nothing in the pool.
    let mut made = Made::new();
    for sample in 0..bank.problem.samples {
        let ids: SmallVec<[ValueId; ARITY_MAX]> = args
            .iter()
            .map(|&arg| bank.states.values(arg)[sample])
            .collect();
        let same = (0..sample).find(|&before| {
            args.iter()
                .zip(&ids)
                .all(|(&arg, &id)| bank.states.values(arg)[before] == id)
        });
        if let Some(before) = same {
            made.push(made[before].clone());
            continue;
        }
        let inputs: SmallVec<[&Value; ARITY_MAX]> =
            ids.iter().map(|&id| bank.pool.get(id)).collect();
        meter.restart();
        match catch_panic(|| meter.call(&production.callee, &inputs)) {
            Ok(value) if is_handy(&value) => made.push(value),
            Ok(_) => return Ok(None),
            Err(failure) if failure.kind == FailureKind::Deadline => return Err(OutOfTime),
            Err(_) => return Ok(None),
        }
    }
    let says_nothing = is_empty(&made[..bank.wanted.len()]);
    Ok((!says_nothing).then_some(made))
}

/// Returns whether a state is empty on all demos.
fn is_empty(demos: &[Value]) -> bool {
    demos.iter().all(|value| value.size() == Some(0))
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
