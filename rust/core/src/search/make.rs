//! Calls of moves, and what is kept of them.

use smallvec::SmallVec;

use crate::evaluate::guarded;
use crate::failure::FailureKind;
use crate::meter::{Bounds, Meter};
use crate::value::Value;

use super::calls::Kind;
use super::enumerate::{Enumeration, Step};
use super::goals::have_one_shape;
use super::pool::ValueId;
use super::states::{Origin, State, StateId};
use super::ARITY_MAX;

/// Pictures with a longer side are no step on the way to an answer of at most 30 by 30.
const SIDE_MAX: usize = 60;

impl Enumeration<'_> {
    /// Makes the state of a move on some arguments, if it has a value on each sample and such
    /// calls are of use.
    pub(super) fn apply(&mut self, number: usize, args: &[StateId; ARITY_MAX]) -> Step<()> {
        let one = &self.table.moves[number];
        let mut shaped = 0;
        for (place, &arg) in args[..one.parameters.len()].iter().enumerate() {
            shaped |= usize::from(self.states.get(arg).is_shaped) << place;
        }
        let kind = Kind { number, shaped };
        let prospect = self.calls.ask(kind, one.result);
        if prospect.is_barren
            || (prospect.is_step && !self.plan.is_of_use_as_step(one.result, self.level))
        {
            return Ok(());
        }
        let (states, layers) = (self.states.len(), self.layers.len());
        let has_value = self.make(number, args, self.level)?.is_some();
        let (is_new, is_painted) = (self.states.len() > states, self.layers.len() > layers);
        self.calls.note(kind, has_value, is_new, is_painted);
        Ok(())
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
            let outcome = {
                let inputs: SmallVec<[&Value; ARITY_MAX]> =
                    ids.iter().map(|&id| self.pool.get(id)).collect();
                guarded(|| one.action.run(&mut meter, &inputs))
            };
            match outcome {
                Ok(value) if is_handy(&value) => made.push(value),
                Ok(_) => return Ok(None),
                Err(failure) if failure.kind == FailureKind::Deadline => {
                    return self.look().map(|()| None)
                }
                Err(_) => return Ok(None),
            }
        }
        if says_nothing(&made[..self.wanted.len()]) {
            return Ok(None);
        }
        let state = State {
            origin: Origin::Call(number as u32, *args, one.parameters.len() as u8),
            type_id: one.result,
            cost,
            derivations: 1,
            is_shaped: false,
        };
        let values: SmallVec<[ValueId; 8]> = made
            .into_iter()
            .map(|value| self.pool.intern(value))
            .collect();
        Ok(Some(self.keep(state, price, &values)))
    }

    pub(super) fn keep(&mut self, mut state: State, price: u32, values: &[ValueId]) -> StateId {
        let type_id = state.type_id;
        state.is_shaped = type_id == self.table.roles.grid && {
            let mut pairs = values.iter().zip(&self.wanted);
            pairs.all(|(&made, &wanted)| have_one_shape(self.pool.get(made), self.pool.get(wanted)))
        };
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
