//! Enumeration: all moves on all states, in the order of the cost of what they make.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use smallvec::SmallVec;

use crate::evaluate::{guarded, Cancelled};
use crate::failure::FailureKind;
use crate::meter::{Bounds, Meter};
use crate::value::Value;

use super::express::Expression;
use super::layers::{Canvas, Layers};
use super::painting::{Cover, Covering};
use super::plan::Plan;
use super::pool::{Pool, ValueId};
use super::states::{Origin, State, StateId, States};
use super::{Limits, Problem, Searched, Solution, Stop, Table, ARITY_MAX};

/// Nodes between two looks at the clock.
const CLOCK_INTERVAL: u64 = 64;
/// No state costs more than this.
const COST_MAX: u32 = 200;
/// Pictures with a longer side are no step on the way to an answer of at most 30 by 30.
const SIDE_MAX: usize = 60;
/// Part of the nodes, or of the time, after which layers are tried for the first time.
const FIRST_COVER: u32 = 4;
/// The last try of the layers is given so much more time than the one before took for as many.
const COVER_MARGIN: f64 = 2.0;

/// Why enumeration pauses.
enum Pause {
    Stop(Stop),
    Cancelled,
}

type Step<T> = Result<T, Pause>;

/// A search under way.
pub(super) struct Enumeration<'a> {
    table: &'a Table,
    problem: &'a Problem,
    limits: &'a Limits,
    cancel: &'a AtomicBool,
    started: Instant,
    deadline: Option<Instant>,
    pub(super) pool: Pool,
    pub(super) states: States,
    wanted: Vec<ValueId>,
    layers: Layers,
    covering: Option<Covering>,
    /// How long it took to cover so many layers.
    cover_time: (Duration, usize),
    /// States that are the wanted outputs on all demos.
    exact: Vec<StateId>,
    nodes: u64,
    plan: Plan,
    /// When layers are tried next.
    next_cover: u64,
    level: u32,
}

impl<'a> Enumeration<'a> {
    pub(super) fn new(
        table: &'a Table,
        problem: &'a Problem,
        limits: &'a Limits,
        cancel: &'a AtomicBool,
    ) -> Self {
        let started = Instant::now();
        let mut pool = Pool::default();
        let wanted = problem
            .wanted
            .iter()
            .map(|value| pool.intern(value.clone()))
            .collect();
        Self {
            table,
            problem,
            limits,
            cancel,
            started,
            deadline: limits.time.and_then(|time| started.checked_add(time)),
            layers: Layers::new(Canvas::new(&problem.wanted)),
            states: States::new(problem.samples, table.caps.len()),
            pool,
            wanted,
            covering: None,
            cover_time: (Duration::ZERO, 1),
            exact: Vec::new(),
            nodes: 0,
            plan: Plan::new(table, problem),
            next_cover: limits.nodes / u64::from(FIRST_COVER),
            level: 0,
        }
    }

    /// Makes states until a limit is reached or enough of them are right, and collects what is
    /// right.
    pub(super) fn run(mut self) -> Result<Searched, Cancelled> {
        let stop = match self.run_levels() {
            Ok(()) => Stop::Exhausted,
            Err(Pause::Stop(stop)) => stop,
            Err(Pause::Cancelled) => return Err(Cancelled),
        };
        if self.exact.len() < self.limits.solutions && self.cover().is_err() {
            return Err(Cancelled);
        }
        Ok(self.conclude(stop))
    }

    fn run_levels(&mut self) -> Step<()> {
        for level in 1..=COST_MAX {
            self.level = level;
            self.add_leaves(level);
            let left = self.limits.nodes - self.nodes;
            self.plan.look_ahead(self.table, &self.states, level, left);
            for number in 0..self.table.moves.len() {
                let one = &self.table.moves[number];
                let cap = self.table.caps[usize::from(one.result)];
                if one.cost < level && level <= cap && self.plan.is_of_use(one.result, level) {
                    let mut args = [0; ARITY_MAX];
                    self.choose(number, 0, level - one.cost, &mut args)?;
                }
            }
            if self.has_enough(level) {
                return Err(Pause::Stop(Stop::Found));
            }
        }
        Ok(())
    }

    /// Tells whether no solution that is worth having is left for the levels beyond this one.
    fn has_enough(&self, level: u32) -> bool {
        let exact = self.exact.first().map(|&id| self.states.get(id).cost);
        let covered = self.covering.as_ref().and_then(Covering::least_cost);
        let least = exact.into_iter().chain(covered).min();
        least.is_some_and(|least| level >= least + self.limits.slack)
            || self.exact.len() >= self.limits.solutions
    }

    fn add_leaves(&mut self, level: u32) {
        for (number, leaf) in self.problem.leaves.iter().enumerate() {
            if leaf.cost == level {
                let values: SmallVec<[ValueId; 8]> = leaf
                    .values
                    .iter()
                    .map(|value| self.pool.intern(value.clone()))
                    .collect();
                let state = State {
                    origin: Origin::Leaf(number as u32),
                    type_id: leaf.type_id,
                    cost: level,
                    derivations: 1,
                };
                self.keep(state, &values);
            }
        }
    }

    /// Chooses the argument at a place, and those after it, with `left` bits for them together.
    fn choose(
        &mut self,
        number: usize,
        place: usize,
        left: u32,
        args: &mut [StateId; ARITY_MAX],
    ) -> Step<()> {
        let one = &self.table.moves[number];
        let type_id = one.parameters[place];
        let Some(least) = self.states.least_cost(type_id) else {
            return Ok(());
        };
        if place + 1 == one.parameters.len() {
            return self.choose_at(number, place, left, 0, args);
        }
        // What the arguments after this one cost at least.
        let mut rest = 0;
        for &other in &one.parameters[place + 1..] {
            match self.states.least_cost(other) {
                Some(cost) => rest += cost,
                None => return Ok(()),
            }
        }
        for cost in least..=left.saturating_sub(rest) {
            self.choose_at(number, place, cost, left - cost, args)?;
        }
        Ok(())
    }

    /// Tries all states of a cost as the argument at a place.
    fn choose_at(
        &mut self,
        number: usize,
        place: usize,
        cost: u32,
        left: u32,
        args: &mut [StateId; ARITY_MAX],
    ) -> Step<()> {
        let table = self.table;
        let one = &table.moves[number];
        let type_id = one.parameters[place];
        let count = self.states.of(type_id, cost).len();
        for position in 0..count {
            let id = self.states.of(type_id, cost)[position];
            if one.commutes && place == 1 && id < args[0] {
                continue;
            }
            if let Origin::Call(inner, ..) = self.states.get(id).origin {
                if one.barred.contains(&(place, inner as usize)) {
                    continue;
                }
            }
            args[place] = id;
            if place + 1 == one.parameters.len() {
                self.apply(number, args)?;
            } else {
                self.choose(number, place + 1, left, args)?;
            }
        }
        Ok(())
    }

    /// Makes the state of a move on some arguments, if it is new and has a value on each sample.
    fn apply(&mut self, number: usize, args: &[StateId; ARITY_MAX]) -> Step<()> {
        self.count_node()?;
        let one = &self.table.moves[number];
        let args_used = &args[..one.parameters.len()];
        let mut meter = Meter::new(Bounds {
            node_fuel: self.limits.node_fuel,
            value_leaves: self.limits.value_leaves,
            deadline: self.deadline,
        })
        .with_cancel(self.cancel);
        let mut cost = one.cost;
        for &arg in args_used {
            cost += self.states.get(arg).cost;
        }
        // What fails on a later sample leaves nothing in the pool.
        let mut made: SmallVec<[Value; 8]> = SmallVec::new();
        for sample in 0..self.problem.samples {
            let ids: SmallVec<[ValueId; ARITY_MAX]> = args_used
                .iter()
                .map(|&arg| self.states.values(arg)[sample])
                .collect();
            let same = (0..sample).find(|&before| {
                args_used
                    .iter()
                    .zip(&ids)
                    .all(|(&arg, &id)| self.states.values(arg)[before] == id)
            });
            if let Some(before) = same {
                made.push(made[before].clone());
                continue;
            }
            meter.restart();
            let outcome = {
                let inputs: SmallVec<[&Value; ARITY_MAX]> =
                    ids.iter().map(|&id| self.pool.get(id)).collect();
                guarded(|| meter.call(&one.callee, &inputs))
            };
            match outcome {
                Ok(value) if is_handy(&value) => made.push(value),
                Ok(_) => return Ok(()),
                Err(failure) if failure.kind == FailureKind::Deadline => return self.look(),
                Err(_) => return Ok(()),
            }
        }
        if says_nothing(&made[..self.wanted.len()]) {
            return Ok(());
        }
        let state = State {
            origin: Origin::Call(number as u32, *args, one.parameters.len() as u8),
            type_id: one.result,
            cost,
            derivations: 1,
        };
        let values: SmallVec<[ValueId; 8]> = made
            .into_iter()
            .map(|value| self.pool.intern(value))
            .collect();
        self.keep(state, &values);
        Ok(())
    }

    fn keep(&mut self, state: State, values: &[ValueId]) {
        let type_id = state.type_id;
        let Some(id) = self.states.add(state, values) else {
            return;
        };
        let roles = self.table.roles;
        if type_id == roles.grid && values[..self.wanted.len()] == self.wanted[..] {
            self.exact.push(id);
        }
        if [roles.grid, roles.object, roles.indices, roles.color].contains(&type_id) {
            let values: SmallVec<[&Value; 8]> =
                values.iter().map(|&value| self.pool.get(value)).collect();
            self.layers
                .add(id, self.states.get(id).cost, type_id, &values, roles);
        }
    }

    fn count_node(&mut self) -> Step<()> {
        if self.nodes >= self.limits.nodes {
            return Err(Pause::Stop(Stop::Nodes));
        }
        self.nodes += 1;
        if self.nodes == self.next_cover {
            self.cover()?;
        }
        if self.nodes % CLOCK_INTERVAL == 0 {
            self.look()?;
        }
        Ok(())
    }

    fn look(&mut self) -> Step<()> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(Pause::Cancelled);
        }
        if self.bytes() > self.limits.bytes {
            return Err(Pause::Stop(Stop::Bytes));
        }
        if let (Some(time), Some(deadline)) = (self.limits.time, self.deadline) {
            if self.covering.is_none() && self.started.elapsed() > time / FIRST_COVER {
                self.cover()?;
            }
            let (last, layers) = self.cover_time;
            let growth = COVER_MARGIN * self.layers.len() as f64 / layers as f64;
            if Instant::now() + last.mul_f64(growth) > deadline {
                return Err(Pause::Stop(Stop::Time));
            }
        }
        Ok(())
    }

    /// Bytes that states, values and layers take, about.
    fn bytes(&self) -> usize {
        self.pool.bytes() + self.states.bytes() + self.layers.bytes()
    }

    /// Lays the layers so far over each other.
    fn cover(&mut self) -> Step<()> {
        let started = Instant::now();
        let tests = self.wanted.len()..self.problem.samples;
        let covering = self.layers.cover(
            &|id, sample| self.pool.get(self.states.values(id)[sample]).clone(),
            tests,
            self.limits,
            self.cancel,
        );
        self.covering = Some(covering.map_err(|Cancelled| Pause::Cancelled)?);
        self.cover_time = (started.elapsed(), self.layers.len().max(1));
        Ok(())
    }

    /// Collects the solutions.
    fn conclude(&mut self, stop: Stop) -> Searched {
        let mut solutions: Vec<Solution> = self
            .exact
            .iter()
            .map(|&id| {
                let state = self.states.get(id);
                Solution {
                    expression: Expression::of_state(&self.states, id),
                    cost: state.cost,
                    layers: 1,
                    derivations: state.derivations,
                }
            })
            .collect();
        let covers = self.covering.take().map(Covering::into_covers);
        for Cover {
            cost,
            layers,
            derivations,
        } in covers.into_iter().flatten()
        {
            if layers.len() > 1 {
                solutions.push(Solution {
                    expression: Expression::of_layers(&self.states, &layers),
                    cost,
                    layers: layers.len(),
                    derivations,
                });
            }
        }
        solutions.sort_by_key(|solution| solution.cost);
        solutions.truncate(self.limits.solutions);
        let stop = if !solutions.is_empty() && stop == Stop::Exhausted {
            Stop::Found
        } else {
            stop
        };
        Searched {
            solutions,
            stop,
            nodes: self.nodes,
            states: self.states.len(),
            values: self.pool.len(),
            layers: self.layers.len(),
            level: self.level.saturating_sub(1),
            bytes: self.bytes(),
            nanoseconds: 0,
        }
    }
}

/// Tells whether a state is empty on all demos: nothing comes of it.
fn says_nothing(demos: &[Value]) -> bool {
    demos.iter().all(|value| value.size() == Some(0))
}

/// Tells whether a value may be a step on the way: a picture that is neither empty nor huge.
fn is_handy(value: &Value) -> bool {
    match value {
        Value::Grid(grid) => {
            (1..=SIDE_MAX).contains(&grid.height()) && (1..=SIDE_MAX).contains(&grid.width())
        }
        _ => true,
    }
}
