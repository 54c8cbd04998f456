//! Every node on one case, with nothing shared, nothing left out and nothing freed.

use std::sync::atomic::Ordering;
use std::time::Instant;

use crate::function::Function;
use crate::graph::{Action, Graph};
use crate::meter::{load, Meter};
use crate::value::Value;

use super::catch_panic::catch_panic;
use super::outcome::{NodeFailure, NodeOutcome};
use super::runner::{call_node, read_input};
use super::{Cancelled, Case, Settings, Surroundings};

/// Evaluates every node on one case and returns them all.
///
/// All values stay alive, so the total is used up earlier than where they are freed.
///
/// Needs a stack of [`STACK_BYTES`](super::STACK_BYTES). Fails if it is cancelled.
pub fn trace(
    graph: &Graph,
    case: &Case,
    settings: &Settings,
    surroundings: Surroundings<'_>,
) -> Result<Vec<NodeOutcome>, Cancelled> {
    let mut meter = Meter::new(settings.bounds()).with_cancel(surroundings.cancel);
    if let Some(externals) = surroundings.externals {
        meter = meter.with_externals(externals);
    }
    let mut done: Vec<NodeOutcome> = Vec::with_capacity(graph.len());
    let mut room = settings.total_leaves;
    for node in 0..graph.len() as u32 {
        let outcome = match graph.action(node) {
            Action::Constant(value) => NodeOutcome::idle(Ok(value.clone())),
            Action::Function(callee) => {
                NodeOutcome::idle(Ok(Value::function(Function::of(callee.clone()))))
            }
            Action::Input(input) => NodeOutcome::idle(
                read_input(*input, case).map_err(|failure| NodeFailure { node, failure }),
            ),
            Action::Call(_) | Action::Invoke => {
                meter.set_room(room);
                let outcome = call(graph, node, &done, &mut meter);
                room -= outcome.value.as_ref().map_or(0, load);
                outcome
            }
        };
        done.push(outcome);
        if surroundings.cancel.load(Ordering::Relaxed) {
            return Err(Cancelled);
        }
    }
    Ok(done)
}

fn call(graph: &Graph, node: u32, done: &[NodeOutcome], meter: &mut Meter<'_>) -> NodeOutcome {
    let args = graph
        .args(node)
        .iter()
        .map(|arg| done[arg.node as usize].value.as_ref());
    let args: Vec<&Value> = match args.collect() {
        Ok(args) => args,
        Err(failure) => return NodeOutcome::idle(Err(*failure)),
    };
    meter.restart();
    let started = Instant::now();
    let outcome = catch_panic(|| call_node(graph, node, &args, meter));
    NodeOutcome::measured(
        node,
        outcome,
        meter.spent(),
        started.elapsed().as_nanos() as u64,
    )
}
