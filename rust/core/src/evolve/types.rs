//! Types, and what the type checker of the Python side infers, step by step the same.
//!
//! `arcbatt.program.check` is the definition. A type variable collects a lower bound from what
//! flows in and an upper bound from where it must go.

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

    fn is_variable(&self) -> bool {
        matches!(self.name, Name::Variable(_))
    }

    /// Tells whether something in the type is not known yet.
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
    fn expand(&self, kind: &Type) -> Type {
        match kind.name {
            Name::Defined(place) => self.types[place as usize].clone(),
            _ => kind.clone(),
        }
    }

    fn shorten(&self, kind: Type) -> Type {
        let stands_for = |place: &&u32| self.types[**place as usize] == kind;
        match self.short.iter().find(stands_for) {
            Some(&place) => Type::plain(Name::Defined(place)),
            None => kind,
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
        let mut bounds = Bounds::new(self, &mut fresh);
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

    /// Tells whether a value of one type may stand where another is wanted.
    pub fn fits(&self, kind: &Type, wanted: &Type) -> bool {
        let mut fresh = Fresh::default();
        let mut bounds = Bounds::new(self, &mut fresh);
        let (kind, wanted) = (bounds.rename(kind), bounds.rename(wanted));
        bounds.flows(&kind, &wanted)
    }

    fn apply(&self, signature: &Signature, args: &[&Type], fresh: &mut Fresh) -> Option<Type> {
        let mut bounds = Bounds::new(self, fresh);
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

/// Numbers of variables that an inference makes begin here, above all letters.
const FIRST_FRESH: u32 = 1 << 16;

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

fn join(a: &Type, b: &Type) -> Type {
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
}

fn is_number(kind: &Type) -> bool {
    matches!(kind.name, Name::Integer | Name::Color)
}

/// The kind of container that a type is, if it is one; a pair is a tuple.
fn shape(kind: &Type) -> Option<Name> {
    match kind.name {
        Name::Tuple | Name::Pair => Some(Name::Tuple),
        Name::FrozenSet => Some(Name::FrozenSet),
        Name::Container(_) => Some(Name::Container(0)),
        _ => None,
    }
}

#[derive(Clone, Debug, Default)]
struct Bound {
    lower: Option<Type>,
    upper: Option<Type>,
}

/// What is known of the type variables of one call.
struct Bounds<'a> {
    definitions: &'a Definitions,
    fresh: &'a mut Fresh,
    known: Known,
    depth: u32,
}

/// What the signatures that are tried for one call share.
struct Fresh {
    number: u32,
    /// Whether bounds led to each other without an end: then nothing fits.
    lost: bool,
}

impl Default for Fresh {
    fn default() -> Self {
        Self {
            number: FIRST_FRESH,
            lost: false,
        }
    }
}

/// How deep one question may lead to others; types of real programs stay far below.
const DEPTH_MAX: u32 = 60;

#[derive(Clone, Default)]
struct Known {
    variables: Vec<(u32, Bound)>,
    /// What each numbered container turned out to be.
    containers: Vec<(u32, Name)>,
}

impl<'a> Bounds<'a> {
    fn new(definitions: &'a Definitions, fresh: &'a mut Fresh) -> Self {
        Self {
            definitions,
            fresh,
            known: Known::default(),
            depth: 0,
        }
    }

    fn next_number(&mut self) -> u32 {
        self.fresh.number += 1;
        self.fresh.number
    }

    fn new_variable(&mut self) -> Type {
        let number = self.next_number();
        self.known.variables.push((number, Bound::default()));
        Type::plain(Name::Variable(number))
    }

    /// Gives a type variables of its own.
    fn rename(&mut self, kind: &Type) -> Type {
        self.rename_in(kind, &mut Vec::new())
    }

    fn rename_in(&mut self, kind: &Type, renamed: &mut Vec<(Name, Name)>) -> Type {
        let name = match kind.name {
            Name::Variable(_) | Name::Container(_) => {
                match renamed.iter().find(|(old, _)| *old == kind.name) {
                    Some(&(_, new)) => new,
                    None => {
                        let new = match kind.name {
                            Name::Variable(_) => self.new_variable().name,
                            _ => Name::Container(self.next_number()),
                        };
                        renamed.push((kind.name, new));
                        new
                    }
                }
            }
            name => name,
        };
        Type {
            name,
            args: kind
                .args
                .iter()
                .map(|arg| self.rename_in(arg, renamed))
                .collect(),
        }
    }

    fn place(&self, kind: &Type) -> Option<usize> {
        let Name::Variable(number) = kind.name else {
            return None;
        };
        let mut variables = self.known.variables.iter();
        variables.position(|(known, _)| *known == number)
    }

    fn flows(&mut self, actual: &Type, expected: &Type) -> bool {
        self.fresh.lost |= self.depth >= DEPTH_MAX;
        if self.fresh.lost {
            return false;
        }
        self.depth += 1;
        let fits = self.flows_within(actual, expected);
        self.depth -= 1;
        fits && !self.fresh.lost
    }

    fn flows_within(&mut self, actual: &Type, expected: &Type) -> bool {
        if actual == expected || actual.name == Name::Any || expected.name == Name::Any {
            return true;
        }
        if let Some(place) = self.place(expected) {
            return self.raise_lower(place, actual);
        }
        if let Some(place) = self.place(actual) {
            return self.drop_upper(place, expected);
        }
        let actual = &self.definitions.expand(actual);
        let expected = &self.definitions.expand(expected);
        if actual.name == Name::Union {
            let mut any = false;
            for member in &actual.args {
                let before = self.known.clone();
                any |= self.tries(member, expected, &before);
            }
            return any;
        }
        if expected.name == Name::Union {
            return self.flows_into_union(actual, expected);
        }
        if expected.name == Name::Callable || actual.name == Name::Callable {
            return self.callable_flows(actual, expected);
        }
        if let Some(want) = shape(expected) {
            return shape(actual)
                .is_some_and(|have| self.container_flows(actual, have, expected, want));
        }
        shape(actual).is_none()
            && (is_number(actual) || actual.name == Name::Boolean)
            && is_number(expected)
    }

    /// Does as `flows`; what an actual type with variables will be is left open if it can be.
    fn flows_into_union(&mut self, actual: &Type, expected: &Type) -> bool {
        let before = self.known.clone();
        let mut fitting = Vec::new();
        for member in &expected.args {
            if self.tries(actual, member, &before) {
                fitting.push(member);
            }
        }
        if fitting.len() == 1 || (!fitting.is_empty() && !actual.is_open()) {
            return self.tries(actual, fitting[0], &before);
        }
        self.known = before;
        !fitting.is_empty()
    }

    /// Does as `flows` from a state, and forgets what was learnt where it fails.
    fn tries(&mut self, actual: &Type, expected: &Type, before: &Known) -> bool {
        self.known = before.clone();
        if self.flows(actual, expected) {
            return true;
        }
        self.known = before.clone();
        false
    }

    fn raise_lower(&mut self, place: usize, actual: &Type) -> bool {
        let (number, bound) = &mut self.known.variables[place];
        if actual.name == Name::Variable(*number) {
            return true;
        }
        bound.lower = Some(match &bound.lower {
            None => actual.clone(),
            Some(lower) => join(lower, actual),
        });
        match bound.upper.clone() {
            None => true,
            Some(upper) => self.flows(actual, &upper),
        }
    }

    fn drop_upper(&mut self, place: usize, expected: &Type) -> bool {
        let bound = &mut self.known.variables[place].1;
        if bound.upper.is_none() {
            bound.upper = Some(expected.clone());
        }
        match bound.lower.clone() {
            None => true,
            Some(lower) => self.flows(&lower, expected),
        }
    }

    fn callable_flows(&mut self, actual: &Type, expected: &Type) -> bool {
        if actual.name != expected.name || actual.args.len() != expected.args.len() {
            return false;
        }
        let last = actual.args.len() - 1;
        for place in 0..last {
            if !self.flows(&expected.args[place], &actual.args[place]) {
                return false;
            }
        }
        self.flows(&actual.args[last], &expected.args[last])
    }

    fn container_flows(&mut self, actual: &Type, have: Name, expected: &Type, want: Name) -> bool {
        let open = Name::Container(0);
        if have != want && have != open && want != open {
            return false;
        }
        if have != want {
            let (name, kind) = if want == open {
                (expected.name, have)
            } else {
                (actual.name, want)
            };
            self.set_container(name, kind);
        }
        if expected.name == Name::Pair {
            let both = actual.name == Name::Pair;
            return (0..expected.args.len()).all(|place| {
                self.flows(
                    &actual.args[if both { place } else { 0 }],
                    &expected.args[place],
                )
            });
        }
        let mut all = true;
        for member in &actual.args {
            all &= self.flows(member, &expected.args[0]);
        }
        all
    }

    fn set_container(&mut self, name: Name, kind: Name) {
        let Name::Container(number) = name else {
            return;
        };
        let containers = &mut self.known.containers;
        if !containers.iter().any(|(known, _)| *known == number) {
            containers.push((number, kind));
        }
    }

    /// Puts what is known of the variables into a type; unknown ones stay variables.
    fn resolve(&self, kind: &Type, seen: &mut Vec<usize>) -> Type {
        if let Some(place) = self.place(kind) {
            let bound = &self.known.variables[place].1;
            let known = bound.lower.as_ref().or(bound.upper.as_ref());
            return match known {
                Some(known) if !seen.contains(&place) => {
                    seen.push(place);
                    let resolved = self.resolve(known, seen);
                    seen.pop();
                    resolved
                }
                _ => kind.clone(),
            };
        }
        let args: Vec<Type> = kind
            .args
            .iter()
            .map(|arg| self.resolve(arg, seen))
            .collect();
        let name = match kind.name {
            Name::Container(number) => {
                let mut containers = self.known.containers.iter();
                let found = containers.find(|(known, _)| *known == number);
                found.map_or(kind.name, |(_, kind)| *kind)
            }
            name => name,
        };
        if name == Name::Union {
            let joined = args.iter().skip(1);
            return joined.fold(args[0].clone(), |joined, arg| join(&joined, arg));
        }
        self.definitions.shorten(Type { name, args })
    }
}
