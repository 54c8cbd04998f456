//! The bank: the states that search keeps, of those with equal values the first.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::value::Value;

use super::layers::{Canvas, Layers};
use super::memo::Memo;
use super::pool::{Pool, ValueId};
use super::states::{Origin, State, StateId, States};
use super::{Grammar, Problem};

/// All that search has made for one task, read as states and as layers of pictures.
pub(super) struct Bank<'a> {
    pub(super) grammar: &'a Grammar,
    pub(super) problem: &'a Problem,
    pub(super) pool: Pool,
    pub(super) memo: Memo,
    /// Of each production: the first one that has its callee.
    pub(super) callees: Vec<u32>,
    pub(super) states: States,
    pub(super) layers: Layers,
    /// The wanted grids.
    pub(super) wanted: Vec<ValueId>,
    /// States that are the wanted grids on all demos.
    pub(super) exact: Vec<StateId>,
    /// Whether the grid at hand has the wanted shape.
    pub(super) keeps_shape: bool,
}

impl<'a> Bank<'a> {
    pub(super) fn new(grammar: &'a Grammar, problem: &'a Problem) -> Self {
        let mut pool = Pool::default();
        let wanted = problem
            .wanted
            .iter()
            .map(|value| pool.intern(value.clone()))
            .collect();
        Self {
            grammar,
            problem,
            pool,
            memo: Memo::default(),
            callees: callees(grammar),
            states: States::new(problem.samples, grammar.caps.len()),
            layers: Layers::new(Canvas::new(&problem.wanted)),
            wanted,
            exact: Vec::new(),
            keeps_shape: keeps_shape(grammar, problem),
        }
    }

    /// The value of a state on a sample.
    pub(super) fn value(&self, id: StateId, sample: usize) -> &Value {
        self.pool.get(self.states.values(id)[sample])
    }

    /// Keeps the terminals of a cost.
    pub(super) fn add_terminals(&mut self, cost: u32) {
        for (number, terminal) in self.problem.terminals.iter().enumerate() {
            if terminal.cost == cost {
                let state = State {
                    origin: Origin::Terminal(number as u32),
                    type_id: terminal.type_id,
                    cost,
                    derivations: 1,
                    is_shaped: false,
                };
                let values: SmallVec<[ValueId; 8]> = terminal
                    .values
                    .iter()
                    .map(|value| self.pool.intern(value.clone()))
                    .collect();
                self.keep(state, cost, &values);
            }
        }
    }

    /// Keeps a state with its values, demos first, and returns it, or the one with its values.
    pub(super) fn keep(&mut self, state: State, price: u32, values: &[ValueId]) -> StateId {
        let (id, is_new) = self.states.add(state, price, values);
        if !is_new {
            return id;
        }
        let roles = self.grammar.roles;
        let (type_id, cost) = (state.type_id, state.cost);
        if type_id == roles.grid {
            let mut pairs = values.iter().zip(&self.wanted);
            let value = |id| self.pool.get(id);
            if pairs.all(|(&made, &wanted)| have_one_shape(value(made), value(wanted))) {
                self.states.set_shaped(id);
            }
            if values[..self.wanted.len()] == self.wanted[..] {
                self.exact.push(id);
            }
        }
        if [roles.grid, roles.object, roles.indices, roles.color].contains(&type_id) {
            let values: SmallVec<[&Value; 8]> =
                values.iter().map(|&value| self.pool.get(value)).collect();
            self.layers.add(id, cost, type_id, &values, roles);
        }
        id
    }

    /// Bytes that states, values, calls and layers take, about.
    pub(super) fn bytes(&self) -> usize {
        self.pool.bytes() + self.memo.bytes() + self.states.bytes() + self.layers.bytes()
    }
}

/// Of each production of a grammar: the first one that has its callee.
fn callees(grammar: &Grammar) -> Vec<u32> {
    let mut first = FxHashMap::default();
    let productions = (0..).zip(&grammar.productions);
    productions
        .map(|(number, one)| *first.entry(one.callee.name()).or_insert(number))
        .collect()
}

/// Returns whether two values are pictures of one shape.
fn have_one_shape(one: &Value, other: &Value) -> bool {
    match (one.as_grid(), other.as_grid()) {
        (Some(one), Some(other)) => (one.height(), one.width()) == (other.height(), other.width()),
        _ => false,
    }
}

/// Returns whether a picture that is given has the wanted shapes.
fn keeps_shape(grammar: &Grammar, problem: &Problem) -> bool {
    problem.terminals.iter().any(|terminal| {
        let mut pairs = terminal.values.iter().zip(&problem.wanted);
        terminal.type_id == grammar.roles.grid
            && pairs.all(|(one, other)| have_one_shape(one, other))
    })
}
