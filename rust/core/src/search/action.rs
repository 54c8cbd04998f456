//! What a move does: it calls a primitive, or all that a function of the library is made of.

use smallvec::SmallVec;

use crate::failure::Outcome;
use crate::function::Callee;
use crate::meter::Meter;
use crate::value::Value;

/// What a move does with its arguments.
#[derive(Clone, Debug)]
pub enum Action {
    /// Calls a primitive.
    Call(Callee),
    /// Takes the steps of a function; the last one is the result, and a call.
    Function(Vec<Part>),
}

/// One step of a function.
#[derive(Clone, Debug)]
pub enum Part {
    /// An argument, by its place.
    Argument(usize),
    /// A constant, or a primitive as a value.
    Given(Value),
    /// A call of a primitive on earlier steps.
    Call(Callee, Vec<usize>),
}

impl Action {
    /// Calls that it makes: so many nodes it counts for.
    pub fn calls(&self) -> usize {
        match self {
            Self::Call(_) => 1,
            Self::Function(parts) => parts
                .iter()
                .filter(|part| matches!(part, Part::Call(..)))
                .count(),
        }
    }

    /// Tells whether it calls a primitive of a name.
    pub(super) fn is_call(&self, name: &str) -> bool {
        matches!(self, Self::Call(callee) if callee.name() == name)
    }

    /// Does it; each call has the fuel of a node.
    pub(super) fn run(&self, meter: &mut Meter<'_>, args: &[&Value]) -> Outcome<Value> {
        let parts = match self {
            Self::Call(callee) => {
                meter.restart();
                return meter.call(callee, args);
            }
            Self::Function(parts) => parts,
        };
        let mut values: SmallVec<[Value; 8]> = SmallVec::new();
        for part in parts {
            let value = match part {
                Part::Argument(place) => args[*place].clone(),
                Part::Given(value) => value.clone(),
                Part::Call(callee, places) => {
                    let inputs: SmallVec<[&Value; 4]> =
                        places.iter().map(|&place| &values[place]).collect();
                    meter.restart();
                    meter.call(callee, &inputs)?
                }
            };
            values.push(value);
        }
        Ok(values.pop().expect("a function has a result"))
    }
}
