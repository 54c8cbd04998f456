//! Leave-one-out: does an expression that reads the demo samples predict a demo that S lacks?
//!
//! Being right on all demos is weak evidence for such an expression, since it has read their outputs
//! (leave-one-out cross-validation: Stone, 1974).

use std::sync::atomic::{AtomicBool, Ordering};

use smallvec::SmallVec;

use crate::evaluate::{catch_panic, Cancelled};
use crate::expression::{needed, Step};
use crate::failure::{Failure, Outcome};
use crate::function::Callee;
use crate::meter::{Bounds, Meter};
use crate::primitives::lookup;
use crate::value::Value;

use super::extract::SearchOp;
use super::{Grammar, Limits, Problem};

/// Counts the demos that an expression does not predict when S lacks them.
///
/// 0 for an expression that does not read S, and where there is a single demo. Fuel is the only
/// bound: what is counted does not depend on time.
///
/// Fails if it is cancelled.
pub(super) fn count_missed(
    steps: &[Step<SearchOp>],
    grammar: &Grammar,
    problem: &Problem,
    limits: &Limits,
    cancel: &AtomicBool,
) -> Result<usize, Cancelled> {
    let demos = problem.wanted.len();
    let needed = needed(steps, steps.len() - 1);
    if demos < 2 || !reads_samples(steps, &needed, problem) {
        return Ok(0);
    }
    let mut meter = Meter::new(Bounds {
        node_fuel: limits.node_fuel,
        value_leaves: limits.value_leaves,
        deadline: None,
    })
    .with_cancel(cancel);
    let mut missed = 0;
    for demo in 0..demos {
        let output = run(steps, &needed, grammar, problem, demo, &mut meter);
        let is_right = output.is_ok_and(|output| output == problem.wanted[demo]);
        missed += usize::from(!is_right);
        if cancel.load(Ordering::Relaxed) {
            return Err(Cancelled);
        }
    }
    Ok(missed)
}

fn reads_samples(steps: &[Step<SearchOp>], needed: &[bool], problem: &Problem) -> bool {
    let mut steps = steps.iter().zip(needed);
    steps.any(|(step, &is_needed)| match step.op {
        SearchOp::Terminal(number) => is_needed && problem.terminals[number as usize].is_samples,
        _ => false,
    })
}

/// Evaluates an expression on the input of a demo, with an S that lacks it.
fn run(
    steps: &[Step<SearchOp>],
    needed: &[bool],
    grammar: &Grammar,
    problem: &Problem,
    demo: usize,
    meter: &mut Meter<'_>,
) -> Outcome<Value> {
    let mut values: Vec<Value> = Vec::with_capacity(steps.len());
    for (step, &is_needed) in steps.iter().zip(needed) {
        if !is_needed {
            values.push(Value::None);
            continue;
        }
        let value = {
            let args: SmallVec<[&Value; 4]> =
                step.args.iter().map(|&arg| &values[arg as usize]).collect();
            run_step(step.op, &args, grammar, problem, demo, meter)?
        };
        values.push(value);
    }
    values
        .pop()
        .ok_or(Failure::argument("an expression without steps"))
}

fn run_step(
    op: SearchOp,
    args: &[&Value],
    grammar: &Grammar,
    problem: &Problem,
    demo: usize,
    meter: &mut Meter<'_>,
) -> Outcome<Value> {
    let mut call = |callee: &Callee, args: &[&Value]| {
        meter.restart();
        catch_panic(|| meter.call(callee, args))
    };
    match op {
        SearchOp::Terminal(number) => {
            let terminal = &problem.terminals[number as usize];
            let value = &terminal.values[demo];
            Ok(if terminal.is_samples {
                without(value, demo)
            } else {
                value.clone()
            })
        }
        SearchOp::Production(number) => call(&grammar.productions[number as usize].callee, args),
        SearchOp::Overlay => call(&named("overlay")?, args),
        SearchOp::Underlay => {
            let zero = Value::Int(0);
            let empty = call(&named("ofcolor")?, &[args[1], &zero])?;
            call(&named("fill")?, &[args[0], &zero, &empty])
        }
        SearchOp::Paint => call(&named("paint")?, args),
        SearchOp::Fill => call(&named("fill")?, args),
    }
}

fn named(name: &str) -> Outcome<Callee> {
    lookup(name).ok_or(Failure::argument("a primitive without a kernel"))
}

/// Leaves one sample out of S.
fn without(samples: &Value, place: usize) -> Value {
    let members = samples.members().into_iter().flatten().enumerate();
    let others = members.filter(|(number, _)| *number != place);
    Value::tuple(others.map(|(_, sample)| sample).collect())
}
