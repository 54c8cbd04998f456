//! The plan of a search: states that can still become part of a picture within the evaluations.
//!
//! Most calls belong to the last levels, whose states can hardly be used any more: a number that
//! needs three more calls to become a picture is of no use two levels before the end.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::calls::Calls;
use super::states::{Age, States};
use super::{Grammar, Problem, TypeId, ARITY_MAX};

/// Bounds of the growth of calls from one level to the next.
const GROWTH: (f64, f64) = (1.15, 2.0);
/// Levels beyond which it makes no difference which one is the last.
const LOOK_AHEAD: u32 = 61;
/// A cost beyond that of any way to a picture.
const FAR: u32 = u32::MAX / 4;

/// The types of states that are worth making at each level.
pub(super) struct Plan {
    /// For each type, the least bits of the calls that make a paintable value of it.
    reach: Vec<u32>,
    /// The same for values that can't be painted themselves.
    reach_of_step: Vec<u32>,
    /// The ways to choose arguments among all states, and among old ones.
    ways: [Ways; 2],
    /// Of each production: the place of its list of parameters among these.
    signature_of: Vec<usize>,
    /// Number of calls of each level, including those that were pruned.
    calls: Vec<f64>,
    /// The estimated last level.
    last: u32,
}

impl Plan {
    pub(super) fn new(grammar: &Grammar, problem: &Problem) -> Self {
        let least = least_costs(grammar, problem);
        let reach = reach(grammar, &least);
        let mut places = FxHashMap::default();
        let mut signatures = Vec::new();
        let signature_of = grammar.productions.iter().map(|one| {
            *places.entry(&one.parameters).or_insert_with(|| {
                signatures.push(one.parameters.clone());
                signatures.len() - 1
            })
        });
        let signature_of = signature_of.collect();
        let ages: [&[Age]; 2] = [&[Age::Old, Age::Fresh], &[Age::Old]];
        Self {
            signature_of,
            ways: ages.map(|ages| Ways::new(ages, grammar.caps.len(), &signatures)),
            reach_of_step: reach_of_step(grammar, &least, &reach),
            reach,
            calls: Vec::new(),
            last: FAR,
        }
    }

    /// Returns whether a state of a type and cost can still become part of a picture.
    pub(super) fn is_of_use(&self, type_id: TypeId, cost: u32) -> bool {
        cost + self.reach[usize::from(type_id)] <= self.last
    }

    /// Returns the same for a state that can't be painted itself, such as a picture of another shape
    /// than the wanted one.
    pub(super) fn is_of_use_as_step(&self, type_id: TypeId, cost: u32) -> bool {
        cost + self.reach_of_step[usize::from(type_id)] <= self.last
    }

    /// Forgets the levels of the round before.
    pub(super) fn begin_round(&mut self) {
        self.calls.clear();
        self.ways.iter_mut().for_each(Ways::clear);
        self.last = FAR;
    }

    /// Returns whether the level that was looked at last has any calls.
    pub(super) fn has_calls(&self) -> bool {
        self.calls.last().is_none_or(|&calls| calls > 0.0)
    }

    /// Estimates, at the beginning of a level, which level the evaluations that are left reach.
    pub(super) fn look_ahead(
        &mut self,
        grammar: &Grammar,
        states: &States,
        calls: &Calls,
        level: u32,
        evaluations: u64,
    ) {
        for ways in &mut self.ways {
            ways.extend(states, level);
        }
        let [all, old] = &self.ways;
        let mut by_type = vec![0.0; grammar.caps.len()];
        for (one, &signature) in grammar.productions.iter().zip(&self.signature_of) {
            if one.cost < level && level <= grammar.caps[usize::from(one.result)] {
                let bits = level - one.cost;
                // What old states make together was tried.
                by_type[usize::from(one.result)] +=
                    all.count(signature, bits) - old.count(signature, bits);
            }
        }
        self.calls.push(by_type.iter().sum());
        let growth = self.growth();
        // Of each type: calls that make something to paint, or may, and calls that make steps.
        let by_use: Vec<[f64; 2]> = by_type
            .iter()
            .enumerate()
            .map(|(type_id, all)| {
                let (unproductive, steps) = calls.shares(type_id as TypeId);
                let fertile = all * (1.0 - unproductive);
                [fertile * (1.0 - steps), fertile * steps]
            })
            .collect();
        // Of each number of bits: calls of one level that reach a picture with so many.
        let mut reaching = vec![0.0; LOOK_AHEAD as usize + 1];
        for (type_id, calls) in by_use.iter().enumerate() {
            let reaches = [self.reach[type_id], self.reach_of_step[type_id]];
            for (calls, reach) in calls.iter().zip(reaches) {
                if let Some(sum) = reaching.get_mut(reach as usize) {
                    *sum += calls;
                }
            }
        }
        for bits in 1..reaching.len() {
            reaching[bits] += reaching[bits - 1];
        }
        for next in 1..=LOOK_AHEAD {
            let mut needed = 0.0;
            let mut factor = 1.0;
            for ahead in 0..=next {
                needed += factor * reaching[(next - ahead) as usize];
                factor *= growth;
            }
            if needed > evaluations as f64 {
                self.last = level + next - 1;
                return;
            }
        }
        self.last = FAR;
    }

    /// How many times as many calls the next level has, by the last two.
    fn growth(&self) -> f64 {
        let (least, most) = GROWTH;
        match *self.calls.as_slice() {
            [.., before, _, now] if before > 0.0 => (now / before).sqrt().clamp(least, most),
            _ => most,
        }
    }
}

/// The numbers of ways to choose arguments that cost so much together, by lists of types.
///
/// What costs less than the level at hand changes no more within a round, so that each level adds
/// one number to each list.
struct Ways {
    ages: &'static [Age],
    /// The level up to which states were counted.
    level: u32,
    /// Of each type: the costs that states have, and the numbers of these.
    counts: Vec<Vec<(usize, f64)>>,
    lists: Vec<ListWays>,
}

/// The ways to choose arguments of a list of types.
struct ListWays {
    types: SmallVec<[TypeId; ARITY_MAX]>,
    /// Of each number of types, the first ones, and each cost: the number of ways.
    ways: [Vec<f64>; ARITY_MAX + 1],
}

impl Ways {
    fn new(ages: &'static [Age], types: usize, lists: &[SmallVec<[TypeId; ARITY_MAX]>]) -> Self {
        let list = |types: &SmallVec<[TypeId; ARITY_MAX]>| ListWays {
            types: types.clone(),
            ways: Default::default(),
        };
        Self {
            ages,
            level: 0,
            counts: vec![Vec::new(); types],
            lists: lists.iter().map(list).collect(),
        }
    }

    /// Forgets the round before.
    fn clear(&mut self) {
        self.level = 0;
        self.counts.iter_mut().for_each(Vec::clear);
        for list in &mut self.lists {
            list.ways.iter_mut().for_each(Vec::clear);
        }
    }

    /// Counts the ways that cost less than a level.
    fn extend(&mut self, states: &States, level: u32) {
        for (type_id, counts) in self.counts.iter_mut().enumerate() {
            for cost in self.level..level {
                let of = |&age| states.of(age, type_id as TypeId, cost).len();
                let count = self.ages.iter().map(of).sum::<usize>();
                if count > 0 {
                    counts.push((cost as usize, count as f64));
                }
            }
        }
        for list in &mut self.lists {
            for bits in self.level as usize..level as usize {
                list.ways[0].push(if bits == 0 { 1.0 } else { 0.0 });
                for (place, &type_id) in list.types.iter().enumerate() {
                    let before = &list.ways[place];
                    let counts = self.counts[usize::from(type_id)].iter();
                    let counts = counts.take_while(|(cost, _)| *cost <= bits);
                    let ways = counts
                        .map(|&(cost, count)| count * before[bits - cost])
                        .sum();
                    list.ways[place + 1].push(ways);
                }
            }
        }
        self.level = level;
    }

    /// The number of ways to choose the arguments of a list so that they cost so much.
    fn count(&self, list: usize, bits: u32) -> f64 {
        let ListWays { types, ways } = &self.lists[list];
        ways[types.len()][bits as usize]
    }
}

/// Of each type: the least that a state of it costs.
fn least_costs(grammar: &Grammar, problem: &Problem) -> Vec<u32> {
    let mut least = vec![FAR; grammar.caps.len()];
    for terminal in &problem.terminals {
        let known = &mut least[usize::from(terminal.type_id)];
        *known = terminal.cost.min(*known);
    }
    until_settled(|| {
        let mut changed = false;
        for one in &grammar.productions {
            let args = one.parameters.iter();
            let cost = args.fold(one.cost, |sum, &arg| {
                (sum + least[usize::from(arg)]).min(FAR)
            });
            let known = &mut least[usize::from(one.result)];
            changed |= cost < *known;
            *known = cost.min(*known);
        }
        changed
    });
    least
}

/// Of each type: the bits of the cheapest calls, with their other arguments, that make a picture,
/// cells or locations of it.
fn reach(grammar: &Grammar, least: &[u32]) -> Vec<u32> {
    let mut reach = vec![FAR; least.len()];
    let roles = grammar.roles;
    for role in [roles.grid, roles.object, roles.indices] {
        reach[usize::from(role)] = 0;
    }
    until_settled(|| {
        let shorter = shorten(grammar, least, &reach, reach.clone());
        let changed = shorter != reach;
        reach = shorter;
        changed
    });
    reach
}

/// For each type, the same for values that are not painted themselves: at least one call.
fn reach_of_step(grammar: &Grammar, least: &[u32], reach: &[u32]) -> Vec<u32> {
    shorten(grammar, least, reach, vec![FAR; reach.len()])
}

/// Lowers the bits from the arguments of each call to a picture, by the bits from its result to a
/// picture.
fn shorten(grammar: &Grammar, least: &[u32], reach: &[u32], mut known: Vec<u32>) -> Vec<u32> {
    for one in &grammar.productions {
        let args = one.parameters.iter();
        let whole = args.fold(one.cost + reach[usize::from(one.result)], |sum, &arg| {
            (sum + least[usize::from(arg)]).min(FAR)
        });
        if whole < FAR {
            for arg in one.parameters.iter().copied().map(usize::from) {
                known[arg] = known[arg].min(whole - least[arg]);
            }
        }
    }
    known
}

fn until_settled(mut step: impl FnMut() -> bool) {
    while step() {}
}

#[cfg(test)]
mod tests {
    use smallvec::smallvec;

    use super::super::{Production, Roles, Terminal};
    use super::*;
    use crate::search::pool::Pool;
    use crate::search::states::{Origin, State};
    use crate::{lookup, Value};

    const GRID: TypeId = 0;
    const COLOR: TypeId = 1;
    const INDICES: TypeId = 2;
    const OBJECT: TypeId = 3;
    const NUMBER: TypeId = 4;
    const LOST: TypeId = 5;

    fn a_production(name: &str, parameters: &[TypeId], result: TypeId, cost: u32) -> Production {
        Production {
            callee: lookup(name).expect("a primitive"),
            parameters: parameters.into(),
            result,
            cost,
            commutes: false,
            barred: Vec::new(),
        }
    }

    fn grammar() -> Grammar {
        Grammar {
            productions: vec![
                a_production("vmirror", &[GRID], GRID, 3),
                a_production("leastcolor", &[GRID], COLOR, 2),
                a_production("ofcolor", &[GRID, COLOR], INDICES, 5),
                a_production("size", &[INDICES], NUMBER, 2),
                a_production("upscale", &[GRID, NUMBER], GRID, 7),
                a_production("even", &[NUMBER], LOST, 1),
            ],
            caps: vec![100; 6],
            roles: Roles {
                grid: GRID,
                object: OBJECT,
                indices: INDICES,
                color: COLOR,
            },
        }
    }

    fn problem() -> Problem {
        let input = Value::grid(1, 2, vec![1, 2]);
        Problem {
            terminals: vec![Terminal {
                type_id: GRID,
                cost: 1,
                values: vec![input.clone(); 2],
                is_samples: false,
            }],
            wanted: vec![input],
            samples: 2,
        }
    }

    fn calls() -> Calls {
        Calls::new(&grammar(), true)
    }

    #[test]
    fn what_is_far_from_a_picture_takes_more_bits() {
        let plan = Plan::new(&grammar(), &problem());
        // A colour needs ofcolor and a grid, a number needs upscale and a grid.
        assert_eq!(plan.reach[..3], [0, 5 + 1, 0]);
        assert_eq!((plan.reach[4], plan.reach[5]), (7 + 1, FAR));
        // A picture of another shape needs vmirror at least, other locations size and upscale.
        assert_eq!(plan.reach_of_step[..3], [3, 5 + 1, 2 + 7 + 1]);
    }

    #[test]
    fn all_types_that_lead_anywhere_are_of_use_until_the_end_is_near() {
        let mut plan = Plan::new(&grammar(), &problem());
        assert!(plan.is_of_use(NUMBER, 50));
        plan.last = 20;
        assert!(plan.is_of_use(NUMBER, 12) && !plan.is_of_use(NUMBER, 13));
        assert!(plan.is_of_use(GRID, 20) && !plan.is_of_use(GRID, 21));
        assert!(!plan.is_of_use(LOST, 1));
    }

    #[test]
    fn fewer_evaluations_end_earlier() {
        let (grammar, problem) = (grammar(), problem());
        let mut states = States::new(2, 6);
        let mut pool = Pool::default();
        for number in 0..40 {
            let value = pool.intern(Value::Int(number));
            for type_id in [GRID, INDICES, NUMBER] {
                let state = State {
                    origin: Origin::Terminal(0),
                    type_id,
                    cost: 3,
                    derivations: 1,
                    is_shaped: false,
                };
                states.add(state, 3, &[value, value]);
            }
        }
        // Level 6 has 40 calls of vmirror, level 5 those of leastcolor and size.
        let lists: [SmallVec<_>; 2] = [smallvec![GRID], smallvec![GRID, NUMBER]];
        let ways = |ages: &'static [Age]| {
            let mut ways = Ways::new(ages, 6, &lists);
            ways.extend(&states, 4);
            ways.extend(&states, 7);
            ways
        };
        let fresh = ways(&[Age::Fresh]);
        assert_eq!(fresh.count(0, 3), 40.0);
        assert_eq!(fresh.count(1, 6), 1600.0);
        assert_eq!(fresh.count(1, 5), 0.0);
        assert_eq!(ways(&[Age::Old]).count(0, 3), 0.0);
        let last = |evaluations| {
            let mut plan = Plan::new(&grammar, &problem);
            plan.look_ahead(&grammar, &states, &calls(), 6, evaluations);
            plan.last
        };
        let ends: Vec<u32> = [0, 200, 10_000, 1_000_000].map(last).into();
        assert_eq!(ends[0], 6);
        assert!(ends.windows(2).all(|two| two[0] < two[1]), "{ends:?}");
    }

    #[test]
    fn with_nothing_to_call_there_is_no_end() {
        let mut plan = Plan::new(&grammar(), &problem());
        plan.look_ahead(&grammar(), &States::new(2, 6), &calls(), 1, 10);
        assert!(plan.is_of_use(NUMBER, 1000));
    }
}
