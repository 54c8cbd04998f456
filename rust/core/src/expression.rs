//! Expressions as flat lists: steps, each of them an operation on earlier ones.
//!
//! Search finds such expressions and evolution changes them; each has operations of its own.

use smallvec::SmallVec;

/// The places of earlier steps.
pub type StepArgs = SmallVec<[u32; 4]>;

/// An operation on earlier steps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Step<Op> {
    /// The operation.
    pub op: Op,
    /// The places of the steps that it takes.
    pub args: StepArgs,
}

impl<Op> Step<Op> {
    /// Makes a step that takes others.
    pub fn new(op: Op, args: impl Into<StepArgs>) -> Self {
        Self {
            op,
            args: args.into(),
        }
    }

    /// Makes a step that takes no others.
    pub fn given(op: Op) -> Self {
        Self::new(op, StepArgs::new())
    }
}

/// Steps, each after those that it takes; the last one is the result.
pub type Steps<Op> = Vec<Step<Op>>;

/// Tells of each step up to the last one whether that one needs it.
pub fn needed<Op>(steps: &[Step<Op>], last: usize) -> Vec<bool> {
    let mut needed = vec![false; last + 1];
    needed[last] = true;
    for place in (0..=last).rev() {
        if needed[place] {
            for &arg in &steps[place].args {
                needed[arg as usize] = true;
            }
        }
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_last_step_takes_is_needed() {
        let steps = [
            Step::given('a'),
            Step::given('b'),
            Step::new('c', [0].as_slice()),
            Step::new('d', [2, 2].as_slice()),
        ];
        assert_eq!(needed(&steps, 3), [true, false, true, true]);
        assert_eq!(needed(&steps, 1), [false, true]);
    }
}
