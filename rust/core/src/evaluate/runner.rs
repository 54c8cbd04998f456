//! One thread's evaluation of one case after another.
//!
//! What depends on no input is kept from case to case, what depends on S alone as long as S stays
//! the same, and what depends on C but not on I as long as S and C do. Threads share nothing of it:
//! they would wait for each other's counters.
//!
//! Whether the values of a program fit into the total must not depend on the other programs of its
//! graph. So where a graph takes more than the total, its roots are evaluated again, each alone.

use std::sync::atomic::Ordering;
use std::time::Instant;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::bytes::digest_through;
use crate::failure::{Failure, FailureKind, Outcome};
use crate::function::Function;
use crate::graph::{Action, Graph, Input, COMPARED, FIXED, NO_TARGET, OWN, SHARED, STRATA};
use crate::meter::Meter;
use crate::tally::{Settled, Tally};
use crate::value::Value;

use super::agreement::agreement;
use super::alone::{alone, Alone};
use super::catch_panic::catch_panic;
use super::outcome::{bytes_of, CaseOutcome, NodeFailure, RootOutcome};
use super::{Cancelled, Case, Settings, Surroundings};

/// Fuel and calls between two looks at the clock: a look costs as much as a small call.
const CLOCK_WEIGHT: u64 = 512;
/// What a call weighs beyond its fuel, when time is split among calls.
const CALL_WEIGHT: u64 = 16;

/// What is known of a node.
#[derive(Clone, Default)]
enum Slot {
    /// Nothing yet, or a value that nobody will read again.
    #[default]
    Empty,
    Value(Value),
    /// It, or the node that is named here and that it needs, failed.
    Failed(u32),
}

/// Reads an input of a case.
pub(super) fn read_input(input: Input, case: &Case) -> Outcome<Value> {
    match input {
        Input::Samples => Ok(case.samples.clone()),
        Input::Grid => Ok(case.input.clone()),
        Input::Compared => case
            .compared
            .clone()
            .ok_or(Failure::argument("there is no grid to compare with")),
    }
}

/// Calls what a node calls, and requires room for its value.
pub(super) fn call_node(
    graph: &Graph,
    node: u32,
    args: &[&Value],
    meter: &mut Meter<'_>,
) -> Outcome<Value> {
    let outcome = match graph.action(node) {
        Action::Call(callee) => meter.call(callee, args),
        _ => meter.invoke(args[0], &args[1..]),
    };
    // The result stays where the kernel put it: moving it costs as much as a short kernel.
    if let Ok(value) = &outcome {
        meter.claim_room(value)?;
    }
    outcome
}

/// Why a graph was not evaluated to its end.
enum Stop {
    Cancelled,
    /// Its values have no room together.
    Crowded,
}

impl From<Cancelled> for Stop {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Splits time among calls by their fuel.
struct Stopwatch {
    read: Instant,
    pending: Vec<(u32, u64)>,
    weight: u64,
}

impl Stopwatch {
    fn new() -> Self {
        Self {
            read: Instant::now(),
            pending: Vec::new(),
            weight: 0,
        }
    }

    /// Notes that a call ended, which used some fuel.
    fn lap(&mut self, node: u32, fuel: u64, nanoseconds: &mut [u64]) {
        let weight = fuel.saturating_add(CALL_WEIGHT);
        self.pending.push((node, weight));
        self.weight = self.weight.saturating_add(weight);
        if self.weight >= CLOCK_WEIGHT {
            self.read(nanoseconds);
        }
    }

    /// Looks at the clock, and gives the calls since the last look their shares.
    fn read(&mut self, nanoseconds: &mut [u64]) {
        let now = Instant::now();
        let share = (now - self.read).as_nanos() as f64 / self.weight as f64;
        for (node, weight) in self.pending.drain(..) {
            nanoseconds[node as usize] = (weight as f64 * share) as u64;
        }
        self.read = now;
        self.weight = 0;
    }
}

/// What a runner counts beside the calls, if it counts at all.
#[derive(Default)]
pub(super) struct Watch {
    counting: bool,
    /// With the meter while a case runs.
    pub(super) tally: Option<Box<Tally>>,
    /// What the values that are kept from case to case took, for each case to count.
    fixed: Settled,
    shared: Settled,
    compared: Settled,
    /// Time that digests and scores took.
    pub(super) outputs_nanoseconds: u64,
    /// Time that sums over the nodes of each root took.
    pub(super) sums_nanoseconds: u64,
}

impl Watch {
    fn start(&self) -> Option<Instant> {
        self.counting.then(Instant::now)
    }
}

fn since(started: Option<Instant>) -> u64 {
    started.map_or(0, |started| started.elapsed().as_nanos() as u64)
}

/// Evaluates cases; one per thread.
pub(super) struct Runner<'a> {
    settings: &'a Settings,
    surroundings: Surroundings<'a>,
    /// What the lower strata were evaluated for.
    graph: Option<&'a Graph>,
    samples: Option<Value>,
    compared: Option<Option<Value>>,
    /// Of each node.
    slots: Vec<Slot>,
    fuel: Vec<u64>,
    loads: Vec<u64>,
    /// What each node takes of the total at most, while it runs and after.
    demands: Vec<u64>,
    nanoseconds: Vec<u64>,
    reasons: Vec<Failure>,
    /// The loads of all values in the slots together.
    alive: u64,
    /// The demands of each stratum's nodes together, nothing freed.
    stratum_demands: [u64; STRATA],
    /// Of each target.
    digests: Vec<u128>,
    scores: Vec<u16>,
    kept: Vec<Option<Value>>,
    /// Bytes that this thread may still keep.
    kept_bytes: usize,
    bytes: Vec<u8>,
    pub(super) watch: Watch,
}

impl<'a> Runner<'a> {
    pub(super) fn new(
        settings: &'a Settings,
        surroundings: Surroundings<'a>,
        counting: bool,
    ) -> Self {
        Self {
            settings,
            surroundings,
            graph: None,
            samples: None,
            compared: None,
            slots: Vec::new(),
            fuel: Vec::new(),
            loads: Vec::new(),
            demands: Vec::new(),
            nanoseconds: Vec::new(),
            reasons: Vec::new(),
            alive: 0,
            stratum_demands: Default::default(),
            digests: Vec::new(),
            scores: Vec::new(),
            kept: Vec::new(),
            kept_bytes: settings.kept_bytes / settings.threads.max(1),
            bytes: Vec::new(),
            watch: Watch {
                counting,
                tally: counting.then(|| Box::new(Tally::new())),
                ..Watch::default()
            },
        }
    }

    /// Evaluates a graph on a case.
    ///
    /// Fails if the evaluation is cancelled.
    pub(super) fn run(&mut self, graph: &'a Graph, case: &Case) -> Result<CaseOutcome, Cancelled> {
        if self.surroundings.cancel.load(Ordering::Relaxed) {
            return Err(Cancelled);
        }
        let started = Instant::now();
        let mut meter = Meter::new(self.settings.bounds())
            .with_cancel(self.surroundings.cancel)
            .with_tally(self.watch.tally.take());
        if let Some(externals) = self.surroundings.externals {
            meter = meter.with_externals(externals);
        }
        let outcome = self.run_with(graph, case, &mut meter);
        self.watch.tally = meter.into_tally();
        let mut outcome = outcome?;
        outcome.nanoseconds = started.elapsed().as_nanos() as u64;
        Ok(outcome)
    }

    fn run_with(
        &mut self,
        graph: &'a Graph,
        case: &Case,
        meter: &mut Meter<'_>,
    ) -> Result<CaseOutcome, Cancelled> {
        let kept_bytes = self.kept_bytes;
        let is_crowded = match self.run_strata(graph, case, meter) {
            Ok(()) => false,
            Err(Stop::Cancelled) => return Err(Cancelled),
            Err(Stop::Crowded) => {
                // Lets go of all values.
                self.open(graph);
                self.kept_bytes = kept_bytes;
                if let Some(tally) = meter.tally() {
                    tally.settle();
                }
                true
            }
        };
        let summing = self.watch.start();
        let outcome = self.summarise(graph, case, is_crowded, meter)?;
        self.watch.sums_nanoseconds += since(summing);
        Ok(outcome)
    }

    fn run_strata(
        &mut self,
        graph: &'a Graph,
        case: &Case,
        meter: &mut Meter<'_>,
    ) -> Result<(), Stop> {
        if !self.graph.is_some_and(|last| std::ptr::eq(last, graph)) {
            self.open(graph);
            self.run_stratum(graph, FIXED, case, meter)?;
            self.watch.fixed = meter.tally().map(Tally::settle).unwrap_or_default();
            self.graph = Some(graph);
            self.samples = None;
        }
        if self.samples.as_ref() != Some(&case.samples) {
            self.run_stratum(graph, SHARED, case, meter)?;
            self.watch.shared = meter.tally().map(Tally::settle).unwrap_or_default();
            self.samples = Some(case.samples.clone());
            self.compared = None;
        }
        if self.compared.as_ref() != Some(&case.compared) {
            self.run_stratum(graph, COMPARED, case, meter)?;
            self.watch.compared = meter.tally().map(Tally::settle).unwrap_or_default();
            self.compared = Some(case.compared.clone());
        }
        self.run_stratum(graph, OWN, case, meter)?;
        if let Some(tally) = meter.tally() {
            let own = tally.settle();
            for settled in [
                &self.watch.fixed,
                &self.watch.shared,
                &self.watch.compared,
                &own,
            ] {
                tally.add_calls(settled);
            }
        }
        Ok(())
    }

    /// Lets go of all values, and makes room for the nodes of a graph.
    fn open(&mut self, graph: &Graph) {
        self.graph = None;
        let (nodes, targets) = (graph.len(), graph.targets().len());
        self.slots.clear();
        self.slots.resize(nodes, Slot::Empty);
        self.fuel.clear();
        self.fuel.resize(nodes, 0);
        self.loads.clear();
        self.loads.resize(nodes, 0);
        self.demands.clear();
        self.demands.resize(nodes, 0);
        self.alive = 0;
        self.stratum_demands = Default::default();
        self.nanoseconds.clear();
        self.nanoseconds.resize(nodes, 0);
        self.reasons.clear();
        self.reasons.resize(nodes, Failure::argument(""));
        self.digests.clear();
        self.digests.resize(targets, 0);
        self.scores.clear();
        self.scores.resize(targets, 0);
        self.kept.clear();
        self.kept.resize(
            if self.settings.keep_outputs {
                targets
            } else {
                0
            },
            None,
        );
    }

    fn run_stratum(
        &mut self,
        graph: &Graph,
        stratum: usize,
        case: &Case,
        meter: &mut Meter<'_>,
    ) -> Result<(), Stop> {
        if stratum != OWN {
            // Those of the last case; in the highest stratum, nothing outlives its last reader.
            self.free_stratum(graph, stratum);
        }
        let mut watch = Stopwatch::new();
        let mut demand = 0_u64;
        for &node in graph.stratum(stratum) {
            let outcome = match graph.action(node) {
                Action::Constant(value) => Ok(value.clone()),
                Action::Function(callee) => Ok(Value::function(Function::of(callee.clone()))),
                Action::Input(input) => read_input(*input, case),
                Action::Call(_) | Action::Invoke => {
                    self.fuel[node as usize] = 0;
                    self.loads[node as usize] = 0;
                    self.demands[node as usize] = 0;
                    self.nanoseconds[node as usize] = 0;
                    meter.set_room(self.settings.total_leaves.saturating_sub(self.alive));
                    let outcome = self.call(graph, node, meter);
                    self.free_args(graph, node);
                    match outcome {
                        Ok(outcome) => {
                            let load = outcome.as_ref().map_or(0, |_| meter.claimed());
                            self.fuel[node as usize] = meter.spent();
                            self.loads[node as usize] = load;
                            self.demands[node as usize] = load.max(meter.held_most());
                            demand = demand.saturating_add(self.demands[node as usize]);
                            watch.lap(node, meter.spent(), &mut self.nanoseconds);
                            outcome
                        }
                        Err(failed) => {
                            self.slots[node as usize] = Slot::Failed(failed);
                            continue;
                        }
                    }
                }
            };
            match outcome {
                Ok(value) => self.put(graph, node, value, case),
                Err(failure) => self.fail(node, failure)?,
            }
        }
        watch.read(&mut self.nanoseconds);
        self.stratum_demands[stratum] = demand;
        Ok(())
    }

    fn free_stratum(&mut self, graph: &Graph, stratum: usize) {
        for &node in graph.stratum(stratum) {
            self.free(node);
        }
    }

    /// Lets go of the value of a node, if there is one.
    fn free(&mut self, node: u32) {
        let slot = &mut self.slots[node as usize];
        if matches!(slot, Slot::Value(_)) {
            *slot = Slot::Empty;
            self.alive -= self.loads[node as usize];
        }
    }

    /// Makes a call; fails with the node that made its first failed argument fail.
    fn call(&self, graph: &Graph, node: u32, meter: &mut Meter<'_>) -> Result<Outcome<Value>, u32> {
        let mut args: SmallVec<[&Value; 4]> = SmallVec::new();
        for arg in graph.args(node) {
            match &self.slots[arg.node as usize] {
                Slot::Value(value) => args.push(value),
                Slot::Failed(failed) => return Err(*failed),
                Slot::Empty => unreachable!("arguments stand before their call"),
            }
        }
        meter.restart();
        if let Some(tally) = meter.tally() {
            tally.restart();
        }
        Ok(catch_panic(|| call_node(graph, node, &args, meter)))
    }

    /// Lets go of the values that nobody reads after a call, whether or not it had a use for them.
    fn free_args(&mut self, graph: &Graph, node: u32) {
        for arg in graph.args(node).iter().filter(|arg| arg.last) {
            self.free(arg.node);
        }
    }

    fn fail(&mut self, node: u32, failure: Failure) -> Result<(), Stop> {
        if failure.kind == FailureKind::Deadline && self.surroundings.cancel.load(Ordering::Relaxed)
        {
            return Err(Stop::Cancelled);
        }
        if failure.kind == FailureKind::Memory {
            return Err(Stop::Crowded);
        }
        self.slots[node as usize] = Slot::Failed(node);
        self.reasons[node as usize] = failure;
        Ok(())
    }

    /// Notes the value of a node, and what is asked of a root.
    fn put(&mut self, graph: &Graph, node: u32, value: Value, case: &Case) {
        let target = graph.target_of(node);
        if target != NO_TARGET {
            let watch = self.watch.start();
            let target = target as usize;
            self.digests[target] = digest_through(&value, &mut self.bytes);
            self.scores[target] = score(&value, case);
            if let Some(kept) = self.kept.get_mut(target) {
                *kept = keep(&value, &mut self.kept_bytes);
            }
            self.watch.outputs_nanoseconds += since(watch);
        }
        self.slots[node as usize] = if graph.is_read(node) {
            self.alive += self.loads[node as usize];
            Slot::Value(value)
        } else {
            Slot::Empty
        };
    }

    /// Lists the outcomes of all roots; those that may not fit into the total run again, alone.
    fn summarise(
        &mut self,
        graph: &Graph,
        case: &Case,
        is_crowded: bool,
        meter: &mut Meter<'_>,
    ) -> Result<CaseOutcome, Cancelled> {
        let all_fit = self.fit(self.stratum_demands.iter());
        let mut outcome = CaseOutcome::default();
        let mut places = FxHashMap::default();
        outcome.roots.reserve_exact(graph.roots().len());
        for &root in graph.roots() {
            let (
                Summary {
                    mut summary,
                    failed,
                },
                output,
            ) = if !is_crowded && (all_fit || self.root_fits(graph, root)) {
                self.shared_outcome(graph, root, case)
            } else {
                self.run_alone(graph, root, case, meter)?
            };
            if let Some(failed) = failed {
                let key = (failed.node, failed.failure.kind);
                summary.failure = *places.entry(key).or_insert_with(|| {
                    outcome.failures.push(failed);
                    outcome.failures.len() as u32 - 1
                });
            }
            outcome.roots.push(summary);
            if self.settings.keep_outputs {
                outcome.outputs.push(output);
            }
        }
        Ok(outcome)
    }

    /// Returns whether nodes with some demands fit into the total in whatever order they run.
    fn fit<'b>(&self, demands: impl Iterator<Item = &'b u64>) -> bool {
        let together = demands.fold(0_u64, |sum, demand| sum.saturating_add(*demand));
        together <= self.settings.total_leaves
    }

    fn root_fits(&self, graph: &Graph, root: u32) -> bool {
        let cone = graph.cone(graph.target_of(root));
        self.fit(cone.iter().map(|&node| &self.demands[node as usize]))
    }

    fn shared_outcome(&self, graph: &Graph, root: u32, case: &Case) -> (Summary, Option<Value>) {
        let target = graph.target_of(root);
        let mut summary = RootOutcome::default();
        for &node in graph.cone(target).iter() {
            summary.fuel = summary.fuel.saturating_add(self.fuel[node as usize]);
            summary.nanoseconds += self.nanoseconds[node as usize];
        }
        if let Slot::Failed(node) = self.slots[root as usize] {
            let failure = self.reasons[node as usize];
            let failed = Some(NodeFailure { node, failure });
            return (Summary { summary, failed }, None);
        }
        summary.digest = self.digests[target as usize];
        summary.score = self.score_again(root, target, case);
        let failed = None;
        let output = self.kept.get(target as usize).cloned().flatten();
        (Summary { summary, failed }, output)
    }

    fn run_alone(
        &mut self,
        graph: &Graph,
        root: u32,
        case: &Case,
        meter: &mut Meter<'_>,
    ) -> Result<(Summary, Option<Value>), Cancelled> {
        let started = Instant::now();
        let total = self.settings.total_leaves;
        let Alone { value, fuel } =
            alone(graph, root, case, total, meter, self.surroundings.cancel)?;
        let mut summary = RootOutcome {
            fuel,
            nanoseconds: started.elapsed().as_nanos() as u64,
            ..RootOutcome::default()
        };
        match value {
            Err(failed) => {
                let failed = Some(failed);
                Ok((Summary { summary, failed }, None))
            }
            Ok(value) => {
                summary.digest = digest_through(&value, &mut self.bytes);
                summary.score = score(&value, case);
                let failed = None;
                let output = keep(&value, &mut self.kept_bytes);
                Ok((Summary { summary, failed }, output))
            }
        }
    }

    /// Returns a root's score; what stems from an earlier case is compared with this one's grid.
    fn score_again(&self, root: u32, target: u32, case: &Case) -> u16 {
        match &self.slots[root as usize] {
            Slot::Value(value) => score(value, case),
            _ => self.scores[target as usize],
        }
    }
}

/// The outcome of a root, without a place for its failure among those of the case.
struct Summary {
    summary: RootOutcome,
    failed: Option<NodeFailure>,
}

/// Returns a value if there are bytes for it, and takes them.
fn keep(value: &Value, bytes: &mut usize) -> Option<Value> {
    *bytes = bytes.checked_sub(bytes_of(value))?;
    Some(value.clone())
}

fn score(output: &Value, case: &Case) -> u16 {
    case.wanted
        .as_ref()
        .map_or(0, |wanted| agreement(output, wanted))
}
