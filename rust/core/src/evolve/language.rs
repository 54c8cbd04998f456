//! The language as mutation sees it: primitives with their types, meanings of constants, terms.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

use crate::expression::{Step, StepArgs, Steps};
use crate::function::Callee;
use crate::value::Value;

use super::types::{Definitions, Name, Signature, Type};

/// A number of a constant: its truth value shows in programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Number {
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
}

impl Number {
    fn value(self) -> Value {
        match self {
            Self::Bool(bit) => Value::Bool(bit),
            Self::Int(number) => Value::Int(number),
        }
    }

    fn write(self) -> String {
        match self {
            Self::Bool(true) => "T".into(),
            Self::Bool(false) => "F".into(),
            Self::Int(number) => number.to_string(),
        }
    }

    fn read(text: &str) -> Option<Self> {
        match text {
            "T" => Some(Self::Bool(true)),
            "F" => Some(Self::Bool(false)),
            _ => text.parse().ok().map(Self::Int),
        }
    }
}

/// A constant of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Constant {
    /// A number.
    One(Number),
    /// A pair of numbers.
    Two(Number, Number),
}

impl Constant {
    /// The numbers that it is made of, and how many.
    pub(super) fn words(self) -> [u64; 3] {
        let word = |number: Number| match number {
            Number::Bool(bit) => 1 << 40 | u64::from(bit),
            Number::Int(number) => number as u64,
        };
        match self {
            Self::One(number) => [1, word(number), 0],
            Self::Two(first, second) => [2, word(first), word(second)],
        }
    }

    /// Makes an integer.
    pub const fn int(number: i64) -> Self {
        Self::One(Number::Int(number))
    }

    /// What it is.
    pub fn value(self) -> Value {
        match self {
            Self::One(number) => number.value(),
            Self::Two(first, second) => Value::two(first.value(), second.value()),
        }
    }

    fn write(self) -> String {
        match self {
            Self::One(number) => number.write(),
            Self::Two(first, second) => format!("{},{}", first.write(), second.write()),
        }
    }

    fn read(text: &str) -> Option<Self> {
        match text.split_once(',') {
            None => Number::read(text).map(Self::One),
            Some((first, second)) => Number::read(first)
                .zip(Number::read(second))
                .map(|(first, second)| Self::Two(first, second)),
        }
    }
}

/// A primitive with its types.
#[derive(Clone, Debug)]
pub struct Typed {
    /// What is called.
    pub callee: Callee,
    /// The names of its parameters.
    pub parameters: Vec<String>,
    /// The general signature.
    pub signature: Signature,
    /// Narrower ones, tried before it.
    pub overloads: Vec<Signature>,
}

impl Typed {
    /// How many arguments it takes.
    pub fn arity(&self) -> usize {
        self.parameters.len()
    }

    /// The type of a parameter.
    pub fn parameter(&self, place: usize) -> &Type {
        &self.signature.args[place]
    }

    /// The type of what it returns.
    pub fn result(&self) -> &Type {
        &self.signature.args[self.arity()]
    }
}

/// Constants that mean the same kind of thing.
#[derive(Clone, Debug)]
pub struct Meaning {
    /// The type that a parameter has which wants one; nothing for any.
    pub kind: Option<Type>,
    /// The name of such a parameter; nothing for any.
    pub parameter: Option<String>,
    /// All that may stand there.
    pub constants: Vec<Constant>,
}

/// What a step of a program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProgramOp {
    /// S, I or C, by its place among them.
    Input(u8),
    /// A constant.
    Constant(Constant),
    /// A primitive as a value.
    Function(u16),
    /// A call of a primitive.
    Call(u16),
    /// A call of the function that the first argument computes.
    Invoke,
}

/// A program.
pub type Program = Steps<ProgramOp>;

/// The names of S, I and C.
pub const INPUTS: [&str; 3] = ["S", "I", "C"];

/// Everything that mutation knows of the language.
#[derive(Debug, Default)]
pub struct Language {
    /// The primitives.
    pub primitives: Vec<Typed>,
    /// The named types.
    pub definitions: Definitions,
    /// The types of S, I and C.
    pub inputs: Vec<Type>,
    /// The meanings of constants, the first that fits counts.
    pub meanings: Vec<Meaning>,
    /// Programs that derive a constant from the samples.
    pub derived: Vec<Arc<Program>>,
    /// Programs that return a number of the grid at hand, from which predicates are learnt.
    pub features: Vec<Arc<Program>>,
    places: FxHashMap<String, u16>,
    /// Of each primitive: a digest of its name.
    digests: Vec<u64>,
}

impl Language {
    /// Gathers the parts; `derived` and `features` are lines.
    ///
    /// Fails with a sentence if a line is no program.
    pub fn new(
        primitives: Vec<Typed>,
        definitions: Definitions,
        inputs: Vec<Type>,
        meanings: Vec<Meaning>,
        derived: &[String],
        features: &[String],
    ) -> Result<Self, String> {
        let name = |(place, typed): (usize, &Typed)| (typed.callee.name().into(), place as u16);
        let mut language = Self {
            places: primitives.iter().enumerate().map(name).collect(),
            digests: primitives
                .iter()
                .map(|typed| xxh3_64(typed.callee.name().as_bytes()))
                .collect(),
            primitives,
            definitions,
            inputs,
            meanings,
            ..Self::default()
        };
        let read = |line: &String| language.read(line).map(Arc::new);
        let derived = derived.iter().map(read).collect::<Result<_, _>>()?;
        let features = features.iter().map(read).collect::<Result<_, _>>()?;
        language.derived = derived;
        language.features = features;
        Ok(language)
    }

    /// The primitive at a place.
    pub fn primitive(&self, place: u16) -> &Typed {
        &self.primitives[place as usize]
    }

    /// The places of all primitives.
    pub fn callees(&self) -> std::ops::Range<u16> {
        0..self.primitives.len() as u16
    }

    /// A digest of a primitive's name.
    pub fn digest(&self, place: u16) -> u64 {
        self.digests[place as usize]
    }

    /// Finds the place of a primitive.
    pub fn place(&self, name: &str) -> Option<u16> {
        self.places.get(name).copied()
    }

    /// Reads a program from its line.
    ///
    /// Fails with a sentence at the first step that is wrong.
    pub fn read(&self, line: &str) -> Result<Program, String> {
        let mut steps = Program::new();
        for word in line.split(';') {
            let step = self.read_step(word, steps.len());
            steps.push(step.ok_or_else(|| format!("{word:?} is no step of a program"))?);
        }
        Ok(steps)
    }

    /// Reads one step that may take the steps before it, by their number.
    fn read_step(&self, word: &str, before: usize) -> Option<Step<ProgramOp>> {
        if let Some(input) = word.strip_prefix('$') {
            let place = INPUTS.iter().position(|&name| name == input)?;
            return Some(Step::given(ProgramOp::Input(place as u8)));
        }
        if let Some(constant) = word.strip_prefix('=') {
            return Constant::read(constant).map(|one| Step::given(ProgramOp::Constant(one)));
        }
        if let Some(name) = word.strip_prefix('@') {
            return self
                .place(name)
                .map(|one| Step::given(ProgramOp::Function(one)));
        }
        let mut words = word.split(' ');
        let name = words.next()?;
        let args: StepArgs = words
            .map(|arg| {
                arg.parse()
                    .ok()
                    .filter(|&arg: &u32| (arg as usize) < before)
            })
            .collect::<Option<_>>()?;
        if name == "!" {
            return (!args.is_empty()).then(|| Step::new(ProgramOp::Invoke, args));
        }
        let place = self.place(name)?;
        (self.primitive(place).arity() == args.len())
            .then(|| Step::new(ProgramOp::Call(place), args))
    }

    /// Writes a program as its line.
    pub fn write(&self, steps: &[Step<ProgramOp>]) -> String {
        let name = |place: u16| self.primitive(place).callee.name();
        let list = |args: &[u32]| -> String { args.iter().map(|arg| format!(" {arg}")).collect() };
        let words: Vec<String> = steps
            .iter()
            .map(|step| match step.op {
                ProgramOp::Input(place) => format!("${}", INPUTS[place as usize]),
                ProgramOp::Constant(constant) => format!("={}", constant.write()),
                ProgramOp::Function(place) => format!("@{}", name(place)),
                ProgramOp::Call(place) => format!("{}{}", name(place), list(&step.args)),
                ProgramOp::Invoke => format!("!{}", list(&step.args)),
            })
            .collect();
        words.join(";")
    }

    /// The type of a constant.
    pub fn constant_type(constant: Constant, definitions: &Definitions) -> Type {
        match constant {
            Constant::One(Number::Bool(_)) => Type::plain(Name::Boolean),
            Constant::One(Number::Int(_)) => Type::plain(Name::Integer),
            Constant::Two(..) => {
                let number = Type::plain(Name::Integer);
                let pair = Type {
                    name: Name::Pair,
                    args: vec![number.clone(), number],
                };
                let place = definitions.types.iter().position(|kind| *kind == pair);
                place.map_or(pair, |place| Type::plain(Name::Defined(place as u32)))
            }
        }
    }
}
