//! Enumeration: all moves on all states, in the order of the cost of what they make.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use crate::evaluate::{guarded, Cancelled};
use crate::failure::FailureKind;
use crate::meter::{Bounds, Meter};
use crate::value::Value;

use super::cover::{Cover, Covering};
use super::express::Expression;
use super::goals::Joiners;
use super::layers::{Canvas, Layers};
use super::pool::{Pool, ValueId};
use super::states::{Age, Origin, State, StateId, States};
use super::{Limits, Problem, Searched, Solution, Stop, Table, TypeId, ARITY_MAX};

/// Nodes between two looks at the clock.
const CLOCK_INTERVAL: u64 = 64;
/// No state costs more than this.
pub(super) const COST_MAX: u32 = 200;
/// Pictures with a longer side are no step on the way to an answer of at most 30 by 30.
const SIDE_MAX: usize = 60;
/// Part of the nodes that the first round gets.
const FIRST_ROUND: u64 = 2;
/// Part of the nodes after which layers are tried for the first time.
const FIRST_COVER: u64 = 4;

/// Why enumeration pauses.
pub(super) enum Pause {
    /// The nodes of a round are used up.
    Round,
    Stop(Stop),
    Cancelled,
}

pub(super) type Step<T> = Result<T, Pause>;

/// A search under way.
pub(super) struct Enumeration<'a> {
    pub(super) table: &'a Table,
    pub(super) problem: &'a Problem,
    limits: &'a Limits,
    cancel: &'a AtomicBool,
    deadline: Option<Instant>,
    pub(super) joiners: Option<Joiners>,
    pub(super) pool: Pool,
    pub(super) states: States,
    wanted: Vec<ValueId>,
    pub(super) layers: Layers,
    covering: Option<Covering>,
    /// States that are the wanted outputs on all demos.
    exact: Vec<StateId>,
    /// The level on which the first of them was found.
    found_at: Option<u32>,
    nodes: u64,
    /// When this round ends.
    round_end: u64,
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
            deadline: limits
                .time
                .and_then(|time| Instant::now().checked_add(time)),
            joiners: Joiners::find(table),
            layers: Layers::new(Canvas::new(&problem.wanted)),
            states: States::new(problem.samples, table.caps.len()),
            pool,
            wanted,
            covering: None,
            exact: Vec::new(),
            found_at: None,
            nodes: 0,
            round_end: limits.nodes / FIRST_ROUND,
            next_cover: limits.nodes / FIRST_COVER,
            level: 0,
        }
    }

    /// Makes states until a limit is reached or enough of them are right.
    pub(super) fn run(&mut self) -> Result<Stop, Cancelled> {
        match self.run_rounds() {
            Ok(()) => Ok(Stop::Exhausted),
            Err(Pause::Stop(stop)) => Ok(stop),
            Err(Pause::Cancelled | Pause::Round) => Err(Cancelled),
        }
    }

    /// Goes on in rounds: the first begins with the leaves, each further one with the pictures that
    /// came nearest to the wanted ones.
    fn run_rounds(&mut self) -> Step<()> {
        self.run_round(true)?;
        let mut seeds = FxHashSet::default();
        loop {
            self.round_end = self.limits.nodes;
            self.join_regions()?;
            if !self.exact.is_empty() {
                return Err(Pause::Stop(Stop::Nodes));
            }
            let prices = self.choose_seeds(&mut seeds);
            if prices.is_empty() {
                return Ok(());
            }
            self.states.begin_round(&prices);
            self.run_round(false)?;
        }
    }

    /// Makes all states up to the price that the nodes of a round reach.
    fn run_round(&mut self, is_first: bool) -> Step<()> {
        for level in 1..=COST_MAX {
            self.level = level;
            if is_first {
                self.add_leaves(level);
            }
            for number in 0..self.table.moves.len() {
                let one = &self.table.moves[number];
                if one.cost < level && level <= self.table.caps[usize::from(one.result)] {
                    let mut args = [0; ARITY_MAX];
                    match self.choose(number, 0, level - one.cost, false, &mut args) {
                        Err(Pause::Round) => return Ok(()),
                        other => other?,
                    }
                }
            }
            if self.has_enough(level, is_first) {
                return Err(Pause::Stop(Stop::Found));
            }
        }
        Ok(())
    }

    /// Tells whether no solution that is worth having is left for the levels beyond this one.
    fn has_enough(&self, level: u32, is_first: bool) -> bool {
        let covered = self.covering.as_ref().and_then(Covering::least_cost);
        let covered = covered.filter(|_| is_first);
        let least = self.found_at.into_iter().chain(covered).min();
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
                self.keep(state, level, &values);
            }
        }
    }

    /// Chooses the argument at a place, and those after it, with `left` bits for them together.
    ///
    /// At least one of all arguments is fresh: what old ones make together was tried before.
    fn choose(
        &mut self,
        number: usize,
        place: usize,
        left: u32,
        has_fresh: bool,
        args: &mut [StateId; ARITY_MAX],
    ) -> Step<()> {
        let one = &self.table.moves[number];
        let type_id = one.parameters[place];
        let Some(least) = self.states.least_price(type_id) else {
            return Ok(());
        };
        if place + 1 == one.parameters.len() {
            return self.choose_at(number, place, left, 0, has_fresh, args);
        }
        // What the arguments after this one cost at least.
        let mut rest = 0;
        for &other in &one.parameters[place + 1..] {
            match self.states.least_price(other) {
                Some(price) => rest += price,
                None => return Ok(()),
            }
        }
        for price in least..=left.saturating_sub(rest) {
            self.choose_at(number, place, price, left - price, has_fresh, args)?;
        }
        Ok(())
    }

    /// Tries all states of a price as the argument at a place.
    fn choose_at(
        &mut self,
        number: usize,
        place: usize,
        price: u32,
        left: u32,
        has_fresh: bool,
        args: &mut [StateId; ARITY_MAX],
    ) -> Step<()> {
        let table = self.table;
        let one = &table.moves[number];
        let type_id = one.parameters[place];
        let is_last = place + 1 == one.parameters.len();
        for age in [Age::Old, Age::Fresh] {
            let has_fresh = has_fresh || age == Age::Fresh;
            if !has_fresh && !self.may_be_fresh(&one.parameters[place + 1..], left) {
                continue;
            }
            let count = self.states.of(age, type_id, price).len();
            for position in 0..count {
                let id = self.states.of(age, type_id, price)[position];
                if one.commutes && place == 1 && id < args[0] {
                    continue;
                }
                if let Origin::Call(inner, ..) = self.states.get(id).origin {
                    if one.barred.contains(&(place, inner as usize)) {
                        continue;
                    }
                }
                args[place] = id;
                if is_last {
                    self.apply(number, args)?;
                } else {
                    self.choose(number, place + 1, left, has_fresh, args)?;
                }
            }
        }
        Ok(())
    }

    /// Tells whether one of the arguments that follow can be fresh.
    fn may_be_fresh(&self, parameters: &[TypeId], left: u32) -> bool {
        if let &[last] = parameters {
            return !self.states.of(Age::Fresh, last, left).is_empty();
        }
        parameters.iter().any(|&type_id| {
            let least = self.states.least_of(Age::Fresh, type_id);
            least.is_some_and(|least| least <= left)
        })
    }

    /// Makes the state of a move on some arguments, if it has a value on each sample.
    fn apply(&mut self, number: usize, args: &[StateId; ARITY_MAX]) -> Step<()> {
        self.make(number, args, self.level).map(|_| ())
    }

    /// Makes the state of a move on some arguments and returns it, or the one with its values.
    pub(super) fn make(
        &mut self,
        number: usize,
        args: &[StateId; ARITY_MAX],
        price: u32,
    ) -> Step<Option<StateId>> {
        let table = self.table;
        let one = &table.moves[number];
        for _ in 0..one.action.calls() {
            self.count_node()?;
        }
        let args_used = &args[..one.parameters.len()];
        let mut meter = Meter::new(Bounds {
            node_fuel: self.limits.node_fuel,
            value_leaves: self.limits.value_leaves,
            deadline: self.deadline,
        })
        .with_cancel(self.cancel);
        let mut values: SmallVec<[ValueId; 8]> = SmallVec::new();
        let mut cost = one.cost;
        for &arg in args_used {
            cost += self.states.get(arg).cost;
        }
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
                values.push(values[before]);
                continue;
            }
            let outcome = {
                let inputs: SmallVec<[&Value; ARITY_MAX]> =
                    ids.iter().map(|&id| self.pool.get(id)).collect();
                guarded(|| one.action.run(&mut meter, &inputs))
            };
            match outcome {
                Ok(value) if is_handy(&value) => values.push(self.pool.intern(value)),
                Ok(_) => return Ok(None),
                Err(failure) if failure.kind == FailureKind::Deadline => {
                    return self.look().map(|()| None)
                }
                Err(_) => return Ok(None),
            }
        }
        if self.says_nothing(&values) {
            return Ok(None);
        }
        let state = State {
            origin: Origin::Call(number as u32, *args, one.parameters.len() as u8),
            type_id: one.result,
            cost,
            derivations: 1,
        };
        Ok(Some(self.keep(state, price, &values)))
    }

    /// Tells whether a value is empty on all demos: nothing comes of it.
    fn says_nothing(&self, values: &[ValueId]) -> bool {
        values[..self.wanted.len()]
            .iter()
            .all(|&id| self.pool.get(id).size() == Some(0))
    }

    fn keep(&mut self, state: State, price: u32, values: &[ValueId]) -> StateId {
        let type_id = state.type_id;
        let (id, is_new) = self.states.add(state, price, values);
        if !is_new {
            return id;
        }
        let roles = self.table.roles;
        if type_id == roles.grid && values[..self.wanted.len()] == self.wanted[..] {
            self.exact.push(id);
            self.found_at.get_or_insert(self.level);
        }
        if [roles.grid, roles.object, roles.indices, roles.color].contains(&type_id) {
            let values: SmallVec<[&Value; 8]> =
                values.iter().map(|&value| self.pool.get(value)).collect();
            self.layers
                .add(id, self.states.get(id).cost, type_id, &values, roles);
        }
        id
    }

    fn count_node(&mut self) -> Step<()> {
        if self.nodes >= self.limits.nodes {
            return Err(Pause::Stop(Stop::Nodes));
        }
        if self.nodes >= self.round_end {
            if self.choose_seeds(&mut FxHashSet::default()).is_empty() {
                self.round_end = self.limits.nodes;
            } else {
                return Err(Pause::Round);
            }
        }
        self.nodes += 1;
        if self.nodes % CLOCK_INTERVAL == 0 {
            self.look()?;
        }
        if self.nodes == self.next_cover {
            self.cover();
        }
        Ok(())
    }

    fn look(&self) -> Step<()> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(Pause::Cancelled);
        }
        if self
            .deadline
            .is_some_and(|deadline| Instant::now() > deadline)
        {
            return Err(Pause::Stop(Stop::Time));
        }
        Ok(())
    }

    /// Lays the layers so far over each other.
    fn cover(&mut self) {
        let tests = self.wanted.len()..self.problem.samples;
        let covering = self.layers.cover(
            &|id, sample| self.pool.get(self.states.values(id)[sample]).clone(),
            tests,
            self.limits,
        );
        self.covering = Some(covering);
    }

    /// Collects the solutions.
    pub(super) fn conclude(&mut self, stop: Stop) -> Searched {
        if self.exact.len() < self.limits.solutions {
            self.cover();
        }
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
            bytes: self.pool.bytes() + self.states.bytes() + self.layers.bytes(),
            nanoseconds: 0,
        }
    }
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
