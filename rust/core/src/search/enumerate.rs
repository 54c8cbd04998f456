//! Enumeration: all moves on all states, in the order of the cost of what they make.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use crate::evaluate::Cancelled;

use super::calls::Calls;
use super::goals::{keeps_shape, Joiners};
use super::layers::{Canvas, Layers};
use super::painting::Covering;
use super::plan::Plan;
use super::pool::{Pool, ValueId};
use super::states::{Age, Origin, State, StateId, States};
use super::{Limits, Problem, Searched, Stop, Table, TypeId, ARITY_MAX};

/// Nodes between two looks at the clock.
const CLOCK_INTERVAL: u64 = 64;
/// No state costs more than this.
pub(super) const COST_MAX: u32 = 200;
/// Part of the nodes that the first round gets.
const FIRST_ROUND: u64 = 2;
/// Part of the nodes that is left for the last round, in which regions are joined once more.
const LAST_ROUND: u64 = 100;
/// Part of the nodes, or of the time, after which layers are tried for the first time.
const FIRST_COVER: u32 = 4;
/// The last try of the layers is given so much more time than the one before took for as many.
const COVER_MARGIN: f64 = 2.0;

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
    pub(super) limits: &'a Limits,
    pub(super) cancel: &'a AtomicBool,
    started: Instant,
    pub(super) deadline: Option<Instant>,
    pub(super) joiners: Option<Joiners>,
    pub(super) pool: Pool,
    pub(super) states: States,
    pub(super) wanted: Vec<ValueId>,
    pub(super) layers: Layers,
    pub(super) covering: Option<Covering>,
    /// How long it took to cover so many layers.
    cover_time: (Duration, usize),
    /// States that are the wanted outputs on all demos.
    pub(super) exact: Vec<StateId>,
    /// The level on which the first of them was found.
    pub(super) found_at: Option<u32>,
    pub(super) nodes: u64,
    pub(super) plan: Plan,
    pub(super) calls: Calls,
    /// Whether the grid at hand has the wanted shape.
    pub(super) keeps_shape: bool,
    /// When this round ends.
    round_end: u64,
    /// When layers are tried next.
    next_cover: u64,
    pub(super) level: u32,
}

impl<'a> Enumeration<'a> {
    pub(super) fn new(
        table: &'a Table,
        problem: &'a Problem,
        limits: &'a Limits,
        cancel: &'a AtomicBool,
    ) -> Self {
        let started = Instant::now();
        let keeps_shape = keeps_shape(table, problem);
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
            joiners: Joiners::find(table),
            layers: Layers::new(Canvas::new(&problem.wanted)),
            states: States::new(problem.samples, table.caps.len()),
            pool,
            wanted,
            covering: None,
            cover_time: (Duration::ZERO, 1),
            exact: Vec::new(),
            found_at: None,
            nodes: 0,
            plan: Plan::new(table, problem),
            calls: Calls::new(table, keeps_shape),
            keeps_shape,
            round_end: limits.nodes / FIRST_ROUND,
            next_cover: limits.nodes / u64::from(FIRST_COVER),
            level: 0,
        }
    }

    /// Makes states until a limit is reached or enough of them are right, and collects what is
    /// right.
    pub(super) fn run(mut self) -> Result<Searched, Cancelled> {
        let stop = match self.run_rounds() {
            Ok(()) => Stop::Exhausted,
            Err(Pause::Stop(stop)) => stop,
            Err(Pause::Cancelled | Pause::Round) => return Err(Cancelled),
        };
        if self.exact.len() < self.limits.solutions && self.cover().is_err() {
            return Err(Cancelled);
        }
        Ok(self.conclude(stop))
    }

    /// Goes on in rounds: the first begins with the leaves, each further one with the pictures that
    /// came nearest to the wanted ones.
    fn run_rounds(&mut self) -> Step<()> {
        self.run_round(true)?;
        let last = self.limits.nodes - self.limits.nodes / LAST_ROUND;
        let mut seeds = FxHashSet::default();
        loop {
            let is_last = self.nodes >= last;
            self.round_end = if is_last { self.limits.nodes } else { last };
            self.join_regions()?;
            if !self.exact.is_empty() {
                return Err(Pause::Stop(Stop::Nodes));
            }
            let prices = self.choose_seeds(&mut seeds);
            if prices.is_empty() && !is_last {
                return Ok(());
            }
            self.states.begin_round(&prices);
            self.plan.begin_round();
            let level = self.level;
            let ended = self.run_round(false);
            if is_last {
                self.level = level;
                return ended.and(Err(Pause::Stop(Stop::Nodes)));
            }
            ended?;
        }
    }

    /// Makes all states up to the price that the nodes of a round reach.
    fn run_round(&mut self, is_first: bool) -> Step<()> {
        for level in 1..=COST_MAX {
            self.level = level;
            if is_first {
                self.add_leaves(level);
            }
            self.look_ahead();
            for number in 0..self.table.moves.len() {
                let one = &self.table.moves[number];
                let cap = self.table.caps[usize::from(one.result)];
                if one.cost < level && level <= cap && self.plan.is_of_use(one.result, level) {
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

    /// Reckons which level will be the last of this round.
    fn look_ahead(&mut self) {
        let ends_early = self.round_end < self.limits.nodes && self.has_seed();
        let end = if ends_early {
            self.round_end
        } else {
            self.limits.nodes
        };
        let left = end.saturating_sub(self.nodes);
        self.plan
            .look_ahead(self.table, &self.states, &self.calls, self.level, left);
        self.calls.begin_level();
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
                    is_shaped: false,
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

    pub(super) fn count_node(&mut self) -> Step<()> {
        if self.nodes >= self.limits.nodes {
            return Err(Pause::Stop(Stop::Nodes));
        }
        if self.nodes >= self.round_end {
            if self.has_seed() {
                return Err(Pause::Round);
            }
            self.round_end = self.limits.nodes;
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

    pub(super) fn look(&mut self) -> Step<()> {
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
    pub(super) fn bytes(&self) -> usize {
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
}
