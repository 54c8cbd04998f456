//! Functions as values: data that names a primitive and holds what it was built from.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHasher;

use crate::failure::{Failure, FailureKind, Outcome};
use crate::text::text;
use crate::value::{Value, VALUE_DEPTH};

/// A primitive that has no kernel here and is called through
/// [`ExternalPrimitives`](crate::meter::ExternalPrimitives).
#[derive(Debug)]
pub struct External {
    /// Its name, distinct from that of every kernel.
    pub name: Box<str>,
    /// How many arguments it takes.
    pub arity: usize,
    /// What the caller knows it by.
    pub id: usize,
}

/// A primitive with a kernel, by its place in the table of all primitives.
#[derive(Clone, Copy, Debug)]
pub struct PrimitiveId {
    place: u16,
    arity: u16,
    name: &'static str,
}

impl PrimitiveId {
    /// Makes the id of the primitive at a place.
    pub const fn new(place: u16, name: &'static str, arity: u16) -> Self {
        Self { place, arity, name }
    }

    /// The place in the table.
    pub fn place(self) -> usize {
        self.place.into()
    }
}

/// What can be called: a primitive with a kernel, or one from outside.
#[derive(Clone, Debug)]
pub enum Callee {
    /// A primitive with a kernel.
    Native(PrimitiveId),
    /// A primitive without one.
    External(Arc<External>),
}

impl Callee {
    /// The primitive's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Native(primitive) => primitive.name,
            Self::External(external) => &external.name,
        }
    }

    /// How many arguments it takes.
    pub fn arity(&self) -> usize {
        match self {
            Self::Native(primitive) => primitive.arity.into(),
            Self::External(external) => external.arity,
        }
    }
}

impl PartialEq for Callee {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Native(one), Self::Native(other)) => one.place == other.place,
            (Self::External(one), Self::External(other)) => one.name == other.name,
            _ => false,
        }
    }
}

impl Eq for Callee {}

/// A function: a primitive, or one that a primitive built from other values.
pub struct Function {
    callee: Callee,
    parts: Box<[Value]>,
    arity: usize,
    depth: u32,
    leaves: u64,
    hash: u64,
    text: OnceLock<Box<str>>,
}

impl Function {
    /// Makes the function that a primitive is.
    pub fn of(callee: Callee) -> Self {
        let arity = callee.arity();
        Self::assemble(callee, Vec::new(), arity)
    }

    /// Makes a function that `callee` builds from `parts`.
    ///
    /// Fails with `depth` if it nests deeper than [`VALUE_DEPTH`].
    pub fn built(callee: Callee, parts: Vec<Value>, arity: usize) -> Outcome<Self> {
        let function = Self::assemble(callee, parts, arity);
        if function.depth > VALUE_DEPTH {
            return Err(Failure::new(
                FailureKind::Depth,
                "functions nest too deeply",
            ));
        }
        Ok(function)
    }

    fn assemble(callee: Callee, mut parts: Vec<Value>, arity: usize) -> Self {
        parts.iter_mut().for_each(Value::settle);
        let mut hasher = FxHasher::default();
        callee.name().hash(&mut hasher);
        parts.hash(&mut hasher);
        Self {
            depth: parts.iter().map(|part| 1 + part.depth()).max().unwrap_or(0),
            leaves: 1 + parts.iter().map(Value::leaves).sum::<u64>(),
            hash: hasher.finish(),
            callee,
            parts: parts.into(),
            arity,
            text: OnceLock::new(),
        }
    }

    /// The primitive that it is, or that built it.
    pub fn callee(&self) -> &Callee {
        &self.callee
    }

    /// What it was built from; empty for a primitive itself.
    pub fn parts(&self) -> &[Value] {
        &self.parts
    }

    /// How many arguments it takes.
    pub fn arity(&self) -> usize {
        self.arity
    }

    /// How deeply it nests: 0 for a primitive.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// Its leaves: 1 and those of its parts.
    pub fn leaves(&self) -> u64 {
        self.leaves
    }

    /// The expression that it stands for; equal functions, and only these, have equal text.
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| {
            if self.parts.is_empty() {
                return self.callee.name().into();
            }
            let parts: Vec<String> = self.parts.iter().map(text).collect();
            format!("{}({})", self.callee.name(), parts.join(", ")).into()
        })
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.callee == other.callee && self.parts == other.parts
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl std::fmt::Debug for Function {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.text())
    }
}
