//! Enumeration: all productions on all states, in the order of the cost of what they make.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::evaluate::Cancelled;
use crate::meter::{Bounds, Meter};

use super::apply::{apply, OutOfTime};
use super::bank::Bank;
use super::branches::{branches, Brancher};
use super::calls::{Calls, Kind};
use super::cover::Assembler;
use super::paint_tests::Covering;
use super::plan::Plan;
use super::regions::{joints, Joiners, Joint, Region};
use super::seeds::{has_seed, Seeds};
use super::solutions::collect;
use super::states::{Age, Origin, State, StateId};
use super::{Grammar, Limits, Problem, Searched, Stop, TypeId, ARITY_MAX};

/// Evaluations between two looks at the clock.
const CLOCK_INTERVAL: u64 = 64;
/// No state costs more than this.
pub(super) const COST_MAX: u32 = 200;
/// The first round gets the evaluations divided by this.
pub const FIRST_ROUND: u64 = 2;
/// Part of the evaluations that is left for the last round, in which regions are joined once more.
const LAST_ROUND: u64 = 100;
/// Part of the evaluations, or of the time, after which layers are tried for the first time.
const FIRST_COVER: u32 = 4;
/// The last try of the layers is given so much more time than the one before took for as many.
const COVER_MARGIN: f64 = 2.0;

/// Why enumeration pauses.
pub(super) enum Pause {
    /// The evaluations of a round are used up.
    Round,
    Stop(Stop),
    Cancelled,
}

pub(super) type Flow<T> = Result<T, Pause>;

/// A search under way.
pub(super) struct Enumeration<'a> {
    bank: Bank<'a>,
    plan: Plan,
    calls: Calls,
    joiners: Option<Joiners>,
    brancher: Option<Brancher>,
    limits: &'a Limits,
    is_left_out: &'a AtomicBool,
    cancel: &'a AtomicBool,
    started: Instant,
    deadline: Option<Instant>,
    covering: Option<Covering>,
    /// The time of the last cover, and the number of layers then.
    cover_time: (Duration, usize),
    /// The level on which the first solution was found.
    found_at: Option<u32>,
    evaluations: u64,
    /// When this round ends.
    round_end: u64,
    /// When layers are tried next.
    next_cover: u64,
    level: u32,
}

impl<'a> Enumeration<'a> {
    pub(super) fn new(
        grammar: &'a Grammar,
        problem: &'a Problem,
        limits: &'a Limits,
        is_left_out: &'a AtomicBool,
        cancel: &'a AtomicBool,
    ) -> Self {
        let started = Instant::now();
        let bank = Bank::new(grammar, problem);
        Self {
            plan: Plan::new(grammar, problem),
            calls: Calls::new(grammar, bank.keeps_shape),
            bank,
            joiners: Joiners::find(grammar),
            brancher: Brancher::find(grammar),
            limits,
            is_left_out,
            cancel,
            started,
            deadline: limits.time.and_then(|time| started.checked_add(time)),
            covering: None,
            cover_time: (Duration::ZERO, 1),
            found_at: None,
            evaluations: 0,
            round_end: limits.evaluations / FIRST_ROUND,
            next_cover: limits.evaluations / u64::from(FIRST_COVER),
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
        if self.bank.exact.len() < self.limits.solutions && self.cover().is_err() {
            return Err(Cancelled);
        }
        let covered = self.covering.as_ref().and_then(Covering::least_cost);
        if self.bank.exact.is_empty() && covered.is_none() && self.make_branches().is_err() {
            return Err(Cancelled);
        }
        let covering = self.covering.take();
        let solutions = collect(&self.bank, covering, self.limits, self.cancel)?;
        Ok(Searched {
            stop: match stop {
                Stop::Exhausted if !solutions.is_empty() => Stop::Found,
                other => other,
            },
            solutions,
            evaluations: self.evaluations,
            states: self.bank.states.len(),
            values: self.bank.pool.len(),
            layers: self.bank.layers.len(),
            level: self.level.saturating_sub(1),
            nearness: self.bank.layers.nearness(),
            bytes: self.bank.bytes(),
            nanoseconds: 0,
        })
    }

    /// Goes on in rounds: the first begins with the terminals, each further one with the pictures that
    /// came nearest to the wanted ones.
    fn run_rounds(&mut self) -> Flow<()> {
        self.run_round(true)?;
        let last = self.limits.evaluations - self.limits.evaluations / LAST_ROUND;
        let mut seeds = Seeds::default();
        loop {
            let is_last = self.evaluations >= last;
            self.round_end = if is_last {
                self.limits.evaluations
            } else {
                last
            };
            self.join_regions()?;
            if !self.bank.exact.is_empty() {
                return Err(Pause::Stop(Stop::Evaluations));
            }
            let prices = seeds.choose(&self.bank);
            if prices.is_empty() && !is_last {
                return Ok(());
            }
            self.bank.states.begin_round(&prices);
            self.plan.begin_round();
            let level = self.level;
            let ended = self.run_round(false);
            if is_last {
                self.level = level;
                return ended.and(Err(Pause::Stop(Stop::Evaluations)));
            }
            ended?;
        }
    }

    /// Makes all states up to the cost that the evaluations of a round reach.
    fn run_round(&mut self, is_first: bool) -> Flow<()> {
        for level in 1..=COST_MAX {
            self.level = level;
            if is_first {
                self.bank.add_terminals(level);
            }
            self.look_ahead();
            let productions = if self.plan.has_calls() {
                self.bank.grammar.productions.len()
            } else {
                0
            };
            for number in 0..productions {
                let one = &self.bank.grammar.productions[number];
                let cap = self.bank.grammar.caps[usize::from(one.result)];
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

    /// Estimates which level will be the last of this round.
    fn look_ahead(&mut self) {
        let ends_early = self.round_end < self.limits.evaluations && has_seed(&self.bank);
        let end = if ends_early {
            self.round_end
        } else {
            self.limits.evaluations
        };
        let left = end.saturating_sub(self.evaluations);
        self.plan.look_ahead(
            self.bank.grammar,
            &self.bank.states,
            &self.calls,
            self.level,
            left,
        );
        self.calls.begin_level();
    }

    /// Returns whether no solution that is worth having is left for the levels beyond this one.
    fn has_enough(&mut self, level: u32, is_first: bool) -> bool {
        if !self.bank.exact.is_empty() {
            self.found_at.get_or_insert(level);
        }
        let covered = self.covering.as_ref().and_then(Covering::least_cost);
        let covered = covered.filter(|_| is_first);
        let least = self.found_at.into_iter().chain(covered).min();
        least.is_some_and(|least| level >= least + self.limits.slack)
            || self.bank.exact.len() >= self.limits.solutions
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
    ) -> Flow<()> {
        let one = &self.bank.grammar.productions[number];
        let type_id = one.parameters[place];
        let Some(least) = self.bank.states.least_price(type_id) else {
            return Ok(());
        };
        if place + 1 == one.parameters.len() {
            return self.choose_at(number, place, left, 0, has_fresh, args);
        }
        // What the arguments after this one cost at least.
        let mut rest = 0;
        for &other in &one.parameters[place + 1..] {
            match self.bank.states.least_price(other) {
                Some(price) => rest += price,
                None => return Ok(()),
            }
        }
        for price in least..=left.saturating_sub(rest) {
            self.choose_at(number, place, price, left - price, has_fresh, args)?;
        }
        Ok(())
    }

    /// Tries all states of a cost as the argument at an index.
    fn choose_at(
        &mut self,
        number: usize,
        place: usize,
        price: u32,
        left: u32,
        has_fresh: bool,
        args: &mut [StateId; ARITY_MAX],
    ) -> Flow<()> {
        let grammar = self.bank.grammar;
        let one = &grammar.productions[number];
        let type_id = one.parameters[place];
        let is_last = place + 1 == one.parameters.len();
        for age in [Age::Old, Age::Fresh] {
            let has_fresh = has_fresh || age == Age::Fresh;
            if !has_fresh && !self.may_be_fresh(&one.parameters[place + 1..], left) {
                continue;
            }
            let count = self.bank.states.of(age, type_id, price).len();
            for position in 0..count {
                let id = self.bank.states.of(age, type_id, price)[position];
                if one.commutes && place == 1 && id < args[0] {
                    continue;
                }
                if let Origin::Call(inner, ..) = self.bank.states.get(id).origin {
                    if one.barred.contains(&(place, inner as usize)) {
                        continue;
                    }
                }
                args[place] = id;
                if is_last {
                    self.try_call(number, args)?;
                } else {
                    self.choose(number, place + 1, left, has_fresh, args)?;
                }
            }
        }
        Ok(())
    }

    /// Returns whether one of the arguments that follow can be fresh.
    fn may_be_fresh(&self, parameters: &[TypeId], left: u32) -> bool {
        if let &[last] = parameters {
            return !self.bank.states.of(Age::Fresh, last, left).is_empty();
        }
        parameters.iter().any(|&type_id| {
            let least = self.bank.states.least_of(Age::Fresh, type_id);
            least.is_some_and(|least| least <= left)
        })
    }

    fn count_evaluation(&mut self) -> Flow<()> {
        if self.evaluations >= self.limits.evaluations {
            return Err(Pause::Stop(Stop::Evaluations));
        }
        if self.evaluations >= self.round_end {
            if has_seed(&self.bank) {
                return Err(Pause::Round);
            }
            self.round_end = self.limits.evaluations;
        }
        self.evaluations += 1;
        if self.evaluations == self.next_cover {
            self.cover()?;
        }
        if self.evaluations % CLOCK_INTERVAL == 0 {
            self.look()?;
        }
        Ok(())
    }

    fn look(&mut self) -> Flow<()> {
        if self.cancel.load(Ordering::Relaxed) || self.is_left_out.load(Ordering::Relaxed) {
            return Err(Pause::Cancelled);
        }
        if self.bank.bytes() > self.limits.bytes {
            return Err(Pause::Stop(Stop::Bytes));
        }
        if let (Some(time), Some(deadline)) = (self.limits.time, self.deadline) {
            if self.covering.is_none() && self.started.elapsed() > time / FIRST_COVER {
                self.cover()?;
            }
            let (last, layers) = self.cover_time;
            let growth = COVER_MARGIN * self.bank.layers.len() as f64 / layers as f64;
            if Instant::now() + last.mul_f64(growth) > deadline {
                return Err(Pause::Stop(Stop::Time));
            }
        }
        Ok(())
    }

    /// Makes the state of a production on some arguments, if such calls are of use.
    fn try_call(&mut self, number: usize, args: &[StateId; ARITY_MAX]) -> Flow<()> {
        let one = &self.bank.grammar.productions[number];
        let mut shaped = 0;
        for (place, &arg) in args[..one.parameters.len()].iter().enumerate() {
            shaped |= usize::from(self.bank.states.get(arg).is_shaped) << place;
        }
        let kind = Kind { number, shaped };
        let prospect = self.calls.ask(kind, one.result);
        if prospect.is_unproductive
            || (prospect.is_step && !self.plan.is_of_use_as_step(one.result, self.level))
        {
            return Ok(());
        }
        let (states, layers) = (self.bank.states.len(), self.bank.layers.len());
        let has_value = self.make(number, args, self.level)?.is_some();
        let is_new = self.bank.states.len() > states;
        let is_painted = self.bank.layers.len() > layers;
        self.calls.note(kind, has_value, is_new, is_painted);
        Ok(())
    }

    /// Makes the state of a production on some arguments and returns it, or the one with its values.
    fn make(
        &mut self,
        number: usize,
        args: &[StateId; ARITY_MAX],
        price: u32,
    ) -> Flow<Option<StateId>> {
        self.count_evaluation()?;
        self.make_uncounted(number, args, price)
    }

    /// Makes a state of a production by a call that is no step of enumeration.
    fn make_uncounted(
        &mut self,
        number: usize,
        args: &[StateId; ARITY_MAX],
        price: u32,
    ) -> Flow<Option<StateId>> {
        let one = &self.bank.grammar.productions[number];
        let used = &args[..one.parameters.len()];
        let mut meter = Meter::new(Bounds {
            node_fuel: self.limits.node_fuel,
            value_leaves: self.limits.value_leaves,
            deadline: self.deadline,
        })
        .with_cancel(self.cancel);
        let made = match apply(&mut self.bank, number, used, &mut meter) {
            Ok(Some(made)) => made,
            Ok(None) => return Ok(None),
            Err(OutOfTime) => return self.look().map(|()| None),
        };
        let args_cost = |&arg: &StateId| self.bank.states.get(arg).cost;
        let state = State {
            origin: Origin::Call(number as u32, *args, one.parameters.len() as u8),
            type_id: one.result,
            cost: one.cost + used.iter().map(args_cost).sum::<u32>(),
            derivations: 1,
            is_shaped: false,
        };
        Ok(Some(self.bank.keep(state, price, &made)))
    }

    /// Makes the intersections and differences of regions that the nearest pictures need.
    fn join_regions(&mut self) -> Flow<()> {
        let Some(joiners) = self.joiners else {
            return Ok(());
        };
        let joints = joints(&self.bank.layers, &|id, sample| {
            self.bank.value(id, sample).clone()
        });
        for joint in joints {
            self.make_joint(joint, joiners)?;
        }
        Ok(())
    }

    fn make_joint(&mut self, joint: Joint, joiners: Joiners) -> Flow<()> {
        let first = self.make_region(joint.first, joiners)?;
        let second = self.make_region(joint.second, joiners)?;
        if let (Some(first), Some(second)) = (first, second) {
            let joiner = if joint.is_without {
                joiners.without
            } else {
                joiners.common
            };
            self.make_priced(joiner, first, second)?;
        }
        Ok(())
    }

    fn make_region(&mut self, region: Region, joiners: Joiners) -> Flow<Option<StateId>> {
        match region {
            Region::Locations(id) => Ok(Some(id)),
            Region::Class(picture, color) => self.make_priced(joiners.of_color, picture, color),
        }
    }

    /// Makes the state of a production on two arguments at the cost of its description.
    fn make_priced(
        &mut self,
        number: usize,
        first: StateId,
        second: StateId,
    ) -> Flow<Option<StateId>> {
        let cost_of = |id| self.bank.states.get(id).cost;
        let price = self.bank.grammar.productions[number].cost + cost_of(first) + cost_of(second);
        let mut args = [0; ARITY_MAX];
        args[..2].copy_from_slice(&[first, second]);
        self.make(number, &args, price.min(COST_MAX))
    }

    /// Makes branches of pictures that are each right on some demos.
    fn make_branches(&mut self) -> Flow<()> {
        let Some(brancher) = self.brancher else {
            return Ok(());
        };
        for one in branches(&self.bank, brancher) {
            let mut args = [0; ARITY_MAX];
            args[..3].copy_from_slice(&[one.condition, one.then, one.otherwise]);
            self.make_uncounted(brancher.production, &args, one.cost.min(COST_MAX))?;
        }
        Ok(())
    }

    /// Lays the layers so far over each other.
    fn cover(&mut self) -> Flow<()> {
        let started = Instant::now();
        let tests = self.bank.wanted.len()..self.bank.problem.samples;
        let assembler = Assembler {
            layers: &self.bank.layers,
            limits: self.limits,
            cancel: self.cancel,
        };
        let covering = assembler.cover(&|id, sample| self.bank.value(id, sample).clone(), tests);
        self.covering = Some(covering.map_err(|Cancelled| Pause::Cancelled)?);
        self.cover_time = (started.elapsed(), self.bank.layers.len().max(1));
        Ok(())
    }
}
