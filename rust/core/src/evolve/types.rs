//! Types, and what the type checker of the Python side infers, step by step the same.
//!
//! `arcbatt.program.check` is the definition. A type variable collects a lower bound from what
//! flows in and an upper bound from where it must go.

use super::bounds::{Fresh, TypeBounds};

/// A type with this many names in its text is unknown, as on the Python side.
const SIZE_MAX: usize = 100;

/// The name of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// Whatever it is, it fits.
    Any,
    /// A number.
    Integer,
    /// A truth value.
    Boolean,
    /// A colour.
    Color,
    /// A tuple.
    Tuple,
    /// A set.
    FrozenSet,
    /// A tuple or a set; the number tells those of one signature from another's.
    Container(u32),
    /// A tuple of two.
    Pair,
    /// A function; its last argument is the result.
    Callable,
    /// One of some types.
    Union,
    /// A type variable.
    Variable(u32),
    /// A named type, by its place among the definitions.
    Defined(u32),
}

impl Name {
    /// Reads a name as Python writes it; none if there is no such type.
    ///
    /// A single letter that is no named type is a type variable.
    pub fn named(name: &str, defined: &[impl AsRef<str>]) -> Option<Self> {
        Some(match name {
            "Any" => Self::Any,
            "Integer" => Self::Integer,
            "Boolean" => Self::Boolean,
            "Color" => Self::Color,
            "Tuple" => Self::Tuple,
            "FrozenSet" => Self::FrozenSet,
            "Container" => Self::Container(0),
            "Pair" => Self::Pair,
            "Callable" => Self::Callable,
            "Union" => Self::Union,
            name => match (
                name.as_bytes(),
                defined.iter().position(|one| one.as_ref() == name),
            ) {
                (_, Some(place)) => Self::Defined(place as u32),
                ([letter], None) => Self::Variable(u32::from(*letter)),
                _ => return None,
            },
        })
    }
}

/// A type of the language.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Type {
    /// Its name.
    pub name: Name,
    /// Its arguments.
    pub args: Vec<Type>,
}

impl Type {
    /// Makes a type without arguments.
    pub const fn plain(name: Name) -> Self {
        Self {
            name,
            args: Vec::new(),
        }
    }

    fn any() -> Self {
        Self::plain(Name::Any)
    }

    fn size(&self) -> usize {
        1 + self.args.iter().map(Self::size).sum::<usize>()
    }

    /// Gives up a type that is too large to work with.
    fn bounded(self) -> Self {
        if self.size() < SIZE_MAX {
            self
        } else {
            Self::any()
        }
    }

    fn is_variable(&self) -> bool {
        matches!(self.name, Name::Variable(_))
    }

    /// Returns whether something in the type is not known yet.
    pub fn is_open(&self) -> bool {
        self.is_variable()
            || matches!(self.name, Name::Container(number) if number > 0)
            || self.args.iter().any(Self::is_open)
    }
}

/// Types of a primitive's parameters and of its result, as a function type.
pub type Signature = Type;

/// Named types: what they stand for, and which of them are used where a type has a short name.
#[derive(Clone, Debug, Default)]
pub struct Definitions {
    /// What each stands for.
    pub types: Vec<Type>,
    /// Which of them replace what they stand for.
    pub short: Vec<u32>,
}

impl Definitions {
    pub(super) fn expand(&self, kind: &Type) -> Type {
        match kind.name {
            Name::Defined(place) => self.types[place as usize].clone(),
            _ => kind.clone(),
        }
    }

    pub(super) fn shorten(&self, kind: Type) -> Type {
        let stands_for = |place: &&u32| self.types[**place as usize] == kind;
        match self.short.iter().find(stands_for) {
            Some(&place) => Type::plain(Name::Defined(place)),
            None => kind.bounded(),
        }
    }

    fn is_vague(&self, kind: &Type) -> bool {
        match kind.name {
            Name::Any | Name::Union | Name::Variable(_) => true,
            Name::Defined(place) => self.is_vague(&self.types[place as usize]),
            _ => false,
        }
    }

    /// Infers the type of a call; nothing if its arguments do not fit.
    pub fn infer_call(
        &self,
        signature: &Signature,
        overloads: &[Signature],
        args: &[&Type],
    ) -> Option<Type> {
        let mut fresh = Fresh::default();
        let mut fitting = Vec::new();
        for overload in overloads {
            fitting.extend(self.apply(overload, args, &mut fresh));
        }
        let found = if fitting.is_empty() {
            self.apply(signature, args, &mut fresh)
        } else if args.iter().any(|arg| self.is_vague(arg)) {
            fitting
                .into_iter()
                .reduce(|joined, kind| join(&joined, &kind))
        } else {
            fitting.into_iter().next()
        };
        found.filter(|_| !fresh.lost).map(settle)
    }

    /// Infers the type of a call of a computed function; nothing if its arguments do not fit, or
    /// if more than one of them is open: what these share is not known here.
    pub fn infer_invoke(&self, function: &Type, args: &[&Type]) -> Option<Type> {
        if args.iter().filter(|arg| arg.is_open()).count() > 1 {
            return None;
        }
        let mut fresh = Fresh::default();
        let mut bounds = TypeBounds::new(self, &mut fresh);
        let result = bounds.new_variable();
        let mut given: Vec<Type> = args.iter().map(|arg| bounds.rename(arg)).collect();
        given.push(result.clone());
        let given = Type {
            name: Name::Callable,
            args: given,
        };
        let function = bounds.rename(function);
        bounds
            .flows(&function, &given)
            .then(|| settle(bounds.resolve(&result, &mut Vec::new())))
    }

    /// Returns whether a value of one type may stand where another is wanted.
    pub fn fits(&self, kind: &Type, wanted: &Type) -> bool {
        let mut fresh = Fresh::default();
        let mut bounds = TypeBounds::new(self, &mut fresh);
        let (kind, wanted) = (bounds.rename(kind), bounds.rename(wanted));
        bounds.flows(&kind, &wanted)
    }

    fn apply(&self, signature: &Signature, args: &[&Type], fresh: &mut Fresh) -> Option<Type> {
        let mut bounds = TypeBounds::new(self, fresh);
        let mut parameters = bounds.rename(signature).args;
        let result = parameters.pop()?;
        for (parameter, arg) in parameters.iter().zip(args) {
            let arg = bounds.rename(arg);
            if !bounds.flows(&arg, parameter) {
                return None;
            }
        }
        Some(bounds.resolve(&result, &mut Vec::new()))
    }
}

/// Numbers what is open in a type by its first occurrence, so that equal types are equal.
pub fn settle(kind: Type) -> Type {
    fn walk(kind: &mut Type, variables: &mut Vec<u32>, containers: &mut Vec<u32>) {
        let place = |seen: &mut Vec<u32>, number: u32| {
            let known = seen.iter().position(|&other| other == number);
            known.unwrap_or_else(|| {
                seen.push(number);
                seen.len() - 1
            }) as u32
        };
        match &mut kind.name {
            Name::Variable(number) => *number = place(variables, *number),
            Name::Container(number) => *number = 1 + place(containers, *number),
            _ => {}
        }
        kind.args
            .iter_mut()
            .for_each(|arg| walk(arg, variables, containers));
    }
    let mut kind = kind;
    walk(&mut kind, &mut Vec::new(), &mut Vec::new());
    kind
}

fn members(kind: &Type) -> &[Type] {
    match kind.name {
        Name::Union => &kind.args,
        _ => std::slice::from_ref(kind),
    }
}

fn within(a: &Type, b: &Type) -> bool {
    a == b || (matches!(a.name, Name::Boolean | Name::Color) && b.name == Name::Integer)
}

pub(super) fn join(a: &Type, b: &Type) -> Type {
    if a == b {
        return a.clone();
    }
    if a.name == Name::Any || b.name == Name::Any {
        return Type::any();
    }
    let mut kept: Vec<Type> = Vec::new();
    for member in members(a).iter().chain(members(b)) {
        if !kept.iter().any(|other| within(member, other)) {
            kept.retain(|other| !within(other, member));
            kept.push(member.clone());
        }
    }
    if kept.len() == 1 {
        return kept.remove(0);
    }
    Type {
        name: Name::Union,
        args: kept,
    }
    .bounded()
}

pub(super) fn is_number(kind: &Type) -> bool {
    matches!(kind.name, Name::Integer | Name::Color)
}

/// The kind of container that a type is, if it is one; a pair is a tuple.
pub(super) fn shape(kind: &Type) -> Option<Name> {
    match kind.name {
        Name::Tuple | Name::Pair => Some(Name::Tuple),
        Name::FrozenSet => Some(Name::FrozenSet),
        Name::Container(_) => Some(Name::Container(0)),
        _ => None,
    }
}
