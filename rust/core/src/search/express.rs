//! Expressions: what a state or a cover is made of, in single steps.

use rustc_hash::FxHashMap;

use super::layers::{Paint, Source};
use super::states::{Origin, StateId, States};

/// One step; arguments are the numbers of earlier steps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A leaf of the problem, by its number.
    Leaf(u32),
    /// A move of the table, by its number.
    Move(u32, Vec<u32>),
    /// Lays the coloured cells of the second picture over the first.
    Overlay(u32, u32),
    /// Lays the empty cells of the second picture over the first.
    Underlay(u32, u32),
    /// Puts the cells of an object, the second, on a picture.
    Paint(u32, u32),
    /// Gives locations, the third, a colour, the second, on a picture.
    Fill(u32, u32, u32),
}

/// Steps, of which the last is the result.
#[derive(Clone, Debug, Default)]
pub struct Expression {
    /// The steps, each after those that it needs; no step comes twice.
    pub steps: Vec<Step>,
    known: FxHashMap<Step, u32>,
}

impl Expression {
    /// Makes the expression of a state.
    pub(super) fn of_state(states: &States, id: StateId) -> Self {
        let mut expression = Self::default();
        expression.add_state(states, id);
        expression
    }

    /// Makes the expression of layers, the top first.
    pub(super) fn of_layers(states: &States, layers: &[Source]) -> Self {
        let mut expression = Self::default();
        let mut below = None;
        for Source { state, paint } in layers.iter().rev() {
            let over = expression.add_state(states, *state);
            let Some(below) = below.as_mut() else {
                below = Some(over);
                continue;
            };
            let step = match paint {
                Paint::All => {
                    *below = over;
                    continue;
                }
                Paint::Foreground => Step::Overlay(*below, over),
                Paint::Background => Step::Underlay(*below, over),
                Paint::Cells => Step::Paint(*below, over),
                Paint::Locations(color) => {
                    let color = expression.add_state(states, *color);
                    Step::Fill(*below, color, over)
                }
            };
            *below = expression.add(step);
        }
        expression
    }

    fn add_state(&mut self, states: &States, id: StateId) -> u32 {
        let step = match states.get(id).origin {
            Origin::Leaf(number) => Step::Leaf(number),
            Origin::Call(number, args, arity) => {
                let args = args[..arity as usize]
                    .iter()
                    .map(|&arg| self.add_state(states, arg))
                    .collect();
                Step::Move(number, args)
            }
        };
        self.add(step)
    }

    fn add(&mut self, step: Step) -> u32 {
        let next = self.steps.len() as u32;
        if let Some(&known) = self.known.get(&step) {
            return known;
        }
        self.steps.push(step.clone());
        self.known.insert(step, next);
        next
    }
}
