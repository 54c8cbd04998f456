//! Extraction: the expression of a state or of a cover, in single steps.

use rustc_hash::FxHashMap;

use crate::expression::{Step, Steps};

use super::layers::{Paint, Source};
use super::states::{Origin, StateId, States};

/// What a step of a solution does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SearchOp {
    /// A terminal of the problem, by its number.
    Terminal(u32),
    /// A production of the grammar, by its number.
    Production(u32),
    /// Lays the coloured cells of the second picture over the first.
    Overlay,
    /// Lays the empty cells of the second picture over the first.
    Underlay,
    /// Puts the cells of an object, the second, on a picture.
    Paint,
    /// Gives locations, the third, a colour, the second, on a picture.
    Fill,
}

/// Extracts the expression of a state.
pub(super) fn of_state(states: &States, id: StateId) -> Steps<SearchOp> {
    let mut extraction = Extraction::default();
    extraction.add_state(states, id);
    extraction.steps
}

/// Extracts the expression of layers, the top first.
pub(super) fn of_layers(states: &States, layers: &[Source]) -> Steps<SearchOp> {
    let mut extraction = Extraction::default();
    let mut below = None;
    for Source { state, paint } in layers.iter().rev() {
        let over = extraction.add_state(states, *state);
        let Some(below) = below.as_mut() else {
            below = Some(over);
            continue;
        };
        let step = match paint {
            Paint::All => {
                *below = over;
                continue;
            }
            Paint::Foreground => Step::new(SearchOp::Overlay, [*below, over].as_slice()),
            Paint::Background => Step::new(SearchOp::Underlay, [*below, over].as_slice()),
            Paint::Cells => Step::new(SearchOp::Paint, [*below, over].as_slice()),
            Paint::Locations(color) => {
                let color = extraction.add_state(states, *color);
                Step::new(SearchOp::Fill, [*below, color, over].as_slice())
            }
        };
        *below = extraction.add(step);
    }
    extraction.steps
}

/// Steps so far; no step comes twice.
#[derive(Default)]
struct Extraction {
    steps: Steps<SearchOp>,
    known: FxHashMap<Step<SearchOp>, u32>,
}

impl Extraction {
    fn add_state(&mut self, states: &States, id: StateId) -> u32 {
        let step = match states.get(id).origin {
            Origin::Terminal(number) => Step::given(SearchOp::Terminal(number)),
            Origin::Call(number, args, arity) => {
                let args = args[..arity as usize].iter();
                Step {
                    op: SearchOp::Production(number),
                    args: args.map(|&arg| self.add_state(states, arg)).collect(),
                }
            }
        };
        self.add(step)
    }

    fn add(&mut self, step: Step<SearchOp>) -> u32 {
        let next = self.steps.len() as u32;
        if let Some(&known) = self.known.get(&step) {
            return known;
        }
        self.steps.push(step.clone());
        self.known.insert(step, next);
        next
    }
}
