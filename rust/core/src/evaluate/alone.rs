//! One root on one case, with nothing shared: what a program does by itself.

use std::sync::atomic::{AtomicBool, Ordering};

use rustc_hash::FxHashMap;

use crate::failure::FailureKind;
use crate::function::Function;
use crate::graph::{Action, Graph};
use crate::meter::{load, Meter};
use crate::value::Value;

use super::catch_panic::catch_panic;
use super::outcome::NodeFailure;
use super::runner::{call_node, read_input};
use super::{Cancelled, Case};

/// What a root did by itself.
pub(super) struct Alone {
    /// Its value, or the call that made it fail.
    pub(super) value: Result<Value, NodeFailure>,
    /// Fuel of all nodes that it needs.
    pub(super) fuel: u64,
}

/// A node that was evaluated, until its last reader is done.
struct Held {
    value: Result<Value, NodeFailure>,
    load: u64,
    readers: usize,
}

/// Evaluates a root in the order of its program: depth first, arguments before their calls.
///
/// Whether all values together fit into the total depends on that order; so it is not that of the
/// graph, which depends on the other roots. Where there is no room, the root fails at once.
///
/// Fails if the evaluation is cancelled.
pub(super) fn alone(
    graph: &Graph,
    root: u32,
    case: &Case,
    total: u64,
    meter: &mut Meter<'_>,
    cancel: &AtomicBool,
) -> Result<Alone, Cancelled> {
    let order = graph.order(root);
    let mut readers: FxHashMap<u32, usize> = FxHashMap::default();
    for &node in &order {
        for arg in graph.args(node) {
            *readers.entry(arg.node).or_default() += 1;
        }
    }
    let mut held: FxHashMap<u32, Held> = FxHashMap::default();
    let (mut alive, mut fuel) = (0_u64, 0_u64);
    for &node in &order {
        let value = match graph.action(node) {
            Action::Constant(value) => Ok(value.clone()),
            Action::Function(callee) => Ok(Value::function(Function::of(callee.clone()))),
            Action::Input(input) => {
                read_input(*input, case).map_err(|failure| NodeFailure { node, failure })
            }
            Action::Call(_) | Action::Invoke => {
                meter.set_room(total.saturating_sub(alive));
                let value = call(graph, node, &held, meter, &mut fuel);
                for arg in graph.args(node) {
                    if let Some(read) = held.get_mut(&arg.node) {
                        read.readers -= 1;
                        if read.readers == 0 {
                            alive -= read.load;
                            held.remove(&arg.node);
                        }
                    }
                }
                value
            }
        };
        if let Err(failed) = value {
            match failed.failure.kind {
                FailureKind::Deadline if cancel.load(Ordering::Relaxed) => return Err(Cancelled),
                // The program ends here: what follows would need the same memory.
                FailureKind::Memory => {
                    let value = Err(failed);
                    return Ok(Alone { value, fuel });
                }
                _ => {}
            }
        }
        let is_call = matches!(graph.action(node), Action::Call(_) | Action::Invoke);
        let load = value.as_ref().ok().filter(|_| is_call).map_or(0, load);
        alive += load;
        let readers = readers.get(&node).copied().unwrap_or_default();
        held.insert(
            node,
            Held {
                value,
                load,
                readers,
            },
        );
    }
    let root = held.remove(&root).expect("the root is the last node");
    Ok(Alone {
        value: root.value,
        fuel,
    })
}

fn call(
    graph: &Graph,
    node: u32,
    held: &FxHashMap<u32, Held>,
    meter: &mut Meter<'_>,
    fuel: &mut u64,
) -> Result<Value, NodeFailure> {
    let args = graph.args(node).iter();
    let args = args
        .map(|arg| held[&arg.node].value.as_ref())
        .collect::<Result<Vec<&Value>, _>>()
        .map_err(|failed| *failed)?;
    meter.restart();
    if let Some(tally) = meter.tally() {
        tally.restart();
    }
    let outcome = catch_panic(|| call_node(graph, node, &args, meter));
    *fuel = fuel.saturating_add(meter.spent());
    if let Some(tally) = meter.tally() {
        let settled = tally.settle();
        tally.add_calls(&settled);
    }
    outcome.map_err(|failure| NodeFailure { node, failure })
}
