//! Why a call has no value.

/// The kinds of failure, the same in every engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The arguments do not fit: a wrong type, an empty set, an index outside.
    Argument,
    /// An integer left 64 bits.
    Overflow,
    /// A value or a chain of calls nests too deeply.
    Depth,
    /// A value would have more leaves than the budget allows.
    Size,
    /// All values alive together would have more leaves than the budget allows.
    Memory,
    /// The call used up its fuel.
    Fuel,
    /// The clock ran out, or the run was cancelled: the only bound that depends on the machine.
    Deadline,
    /// A bug in a primitive; the call is lost, the run goes on.
    Panic,
}

impl FailureKind {
    /// Names the kind as the Python side writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Argument => "argument",
            Self::Overflow => "overflow",
            Self::Depth => "depth",
            Self::Size => "size",
            Self::Memory => "memory",
            Self::Fuel => "fuel",
            Self::Deadline => "deadline",
            Self::Panic => "panic",
        }
    }

    /// Finds the kind that has a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Argument,
            Self::Overflow,
            Self::Depth,
            Self::Size,
            Self::Memory,
            Self::Fuel,
            Self::Deadline,
            Self::Panic,
        ]
        .into_iter()
        .find(|kind| kind.name() == name)
    }
}

/// Stops a call; the evaluator turns it into a failure value.
///
/// Only the kind is part of the language. The detail helps a reader and may differ between
/// engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Why the call stopped.
    pub kind: FailureKind,
    /// A few words on what was expected.
    pub detail: &'static str,
}

impl Failure {
    /// Makes a failure.
    pub const fn new(kind: FailureKind, detail: &'static str) -> Self {
        Self { kind, detail }
    }

    /// Makes the failure of a call whose argument does not fit.
    pub const fn argument(detail: &'static str) -> Self {
        Self::new(FailureKind::Argument, detail)
    }

    /// Makes the failure of an integer that left 64 bits.
    pub const fn overflow() -> Self {
        Self::new(FailureKind::Overflow, "an integer left 64 bits")
    }
}

/// What a call gives: a value, or why there is none.
pub type Outcome<T> = Result<T, Failure>;
