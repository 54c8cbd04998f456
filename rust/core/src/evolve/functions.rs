//! Functions of the library: bodies of primitives that moves put in as one call.

use super::language::{Language, Step};
use super::store::{Args, NodeId, Term};
use super::types::{Signature, Type};
use super::workshop::Workshop;

/// A function of the library.
///
/// Moves know it by the number of primitives and its place behind them.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its type.
    pub signature: Signature,
    /// Its body; the last step is the result.
    pub parts: Vec<Part>,
}

/// One step of a body.
#[derive(Clone, Debug)]
pub enum Part {
    /// An argument, by its place.
    Argument(usize),
    /// A step as in programs.
    Step(Step),
}

impl Language {
    /// Reads a function from the line of its body, in which parameters are read as inputs are.
    ///
    /// Fails with a sentence at the first step that is wrong, or if the type does not fit.
    pub fn read_function(
        &self,
        parameters: &[String],
        signature: Signature,
        line: &str,
    ) -> Result<Function, String> {
        if parameters.is_empty() || signature.args.len() != parameters.len() + 1 {
            return Err(format!("{line:?} has another number of parameters"));
        }
        let mut parts = Vec::new();
        for word in line.split(';') {
            let name = word.strip_prefix('$');
            let place = name.and_then(|name| parameters.iter().position(|one| one == name));
            parts.push(match place {
                Some(place) => Part::Argument(place),
                None => Part::Step(self.read_word(word, parts.len())?),
            });
        }
        Ok(Function { signature, parts })
    }

    /// How many arguments a primitive or a function takes.
    pub fn arity(&self, callee: u16) -> usize {
        match self.function(callee) {
            Some(function) => function.signature.args.len() - 1,
            None => self.primitive(callee).arity(),
        }
    }

    /// The type of a parameter of a primitive or a function.
    pub fn parameter(&self, callee: u16, place: usize) -> &Type {
        match self.function(callee) {
            Some(function) => &function.signature.args[place],
            None => self.primitive(callee).parameter(place),
        }
    }

    /// The type of what a primitive or a function returns.
    pub fn result(&self, callee: u16) -> &Type {
        match self.function(callee) {
            Some(function) => &function.signature.args[function.signature.args.len() - 1],
            None => self.primitive(callee).result(),
        }
    }

    /// The numbers of all that a move can call: the primitives, then the functions.
    pub fn callees(&self) -> std::ops::Range<u16> {
        0..(self.primitives.len() + self.functions.len()) as u16
    }

    /// The function that a number means; nothing if it is a primitive's.
    pub fn function(&self, callee: u16) -> Option<&Function> {
        let place = (callee as usize).checked_sub(self.primitives.len())?;
        Some(&self.functions[place])
    }
}

impl Workshop<'_> {
    /// Adds a call of a primitive, or the body of a function; nothing if it is not well typed.
    pub fn call_or_expand(&mut self, callee: u16, args: &[NodeId]) -> Option<NodeId> {
        let language = self.language;
        let Some(function) = language.function(callee) else {
            return self.add(Term::Call(callee, Args::from_slice(args)));
        };
        let mut nodes: Args = Args::new();
        for part in &function.parts {
            let node = match part {
                Part::Argument(place) => args[*place],
                Part::Step(Step::Constant(constant)) => self.constant(*constant)?,
                Part::Step(Step::Function(callee)) => self.add(Term::Function(*callee))?,
                Part::Step(Step::Call(callee, places)) => {
                    let inputs = places.iter().map(|&place| nodes[place as usize]).collect();
                    self.add(Term::Call(*callee, inputs))?
                }
                Part::Step(Step::Input(_) | Step::Invoke(_)) => return None,
            };
            nodes.push(node);
        }
        nodes.last().copied()
    }
}
