//! The end of a search: what was found, as expressions.

use super::enumerate::Enumeration;
use super::express::Expression;
use super::painting::{Cover, Covering};
use super::{Searched, Solution, Stop};

impl Enumeration<'_> {
    /// Collects the solutions.
    pub(super) fn conclude(&mut self, stop: Stop) -> Searched {
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
