//! The bank: the states that search keeps, of those with equal values the first.

use smallvec::SmallVec;

use crate::value::Value;

use super::layers::{Canvas, Layers};
use super::pool::{Pool, ValueId};
use super::states::{Origin, State, StateId, States};
use super::{Grammar, Problem};

/// All that search has made for one task, read as states and as layers of pictures.
pub(super) struct Bank<'a> {
    pub(super) grammar: &'a Grammar,
    pub(super) problem: &'a Problem,
    pub(super) pool: Pool,
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
                self.keep(state, cost, terminal.values.iter().cloned());
            }
        }
    }

    /// Keeps a state with its values, demos first, and returns it, or the one with its values.
    pub(super) fn keep(
        &mut self,
        mut state: State,
        price: u32,
        values: impl IntoIterator<Item = Value>,
    ) -> StateId {
        let values: SmallVec<[ValueId; 8]> = values
            .into_iter()
            .map(|value| self.pool.intern(value))
            .collect();
        let type_id = state.type_id;
        let roles = self.grammar.roles;
        state.is_shaped = type_id == roles.grid && {
            let mut pairs = values.iter().zip(&self.wanted);
            pairs.all(|(&made, &wanted)| have_one_shape(self.pool.get(made), self.pool.get(wanted)))
        };
        let (id, is_new) = self.states.add(state, price, &values);
        if !is_new {
            return id;
        }
        if type_id == roles.grid && values[..self.wanted.len()] == self.wanted[..] {
            self.exact.push(id);
        }
        if [roles.grid, roles.object, roles.indices, roles.color].contains(&type_id) {
            let values: SmallVec<[&Value; 8]> =
                values.iter().map(|&value| self.pool.get(value)).collect();
            self.layers
                .add(id, self.states.get(id).cost, type_id, &values, roles);
        }
        id
    }

    /// Bytes that states, values and layers take, about.
    pub(super) fn bytes(&self) -> usize {
        self.pool.bytes() + self.states.bytes() + self.layers.bytes()
    }
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
