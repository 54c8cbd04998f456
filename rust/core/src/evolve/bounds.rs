//! What is learnt of the type variables of one call, while values flow into parameters.

use super::types::{is_number, join, shape, Definitions, Name, Type};

/// Numbers of variables that an inference makes begin here, above all letters.
const FIRST_FRESH: u32 = 1 << 16;

#[derive(Clone, Debug, Default)]
struct Bound {
    lower: Option<Type>,
    upper: Option<Type>,
}

/// What is known of the type variables of one call.
pub struct TypeBounds<'a> {
    definitions: &'a Definitions,
    fresh: &'a mut Fresh,
    known: KnownTypes,
    depth: u32,
}

/// What the signatures that are tried for one call share.
pub struct Fresh {
    number: u32,
    /// Whether bounds led to each other without an end: then nothing fits.
    pub lost: bool,
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
struct KnownTypes {
    variables: Vec<(u32, Bound)>,
    /// What each numbered container turned out to be.
    containers: Vec<(u32, Name)>,
}

impl<'a> TypeBounds<'a> {
    pub fn new(definitions: &'a Definitions, fresh: &'a mut Fresh) -> Self {
        Self {
            definitions,
            fresh,
            known: KnownTypes::default(),
            depth: 0,
        }
    }

    fn next_number(&mut self) -> u32 {
        self.fresh.number += 1;
        self.fresh.number
    }

    pub fn new_variable(&mut self) -> Type {
        let number = self.next_number();
        self.known.variables.push((number, Bound::default()));
        Type::plain(Name::Variable(number))
    }

    /// Gives a type variables of its own.
    pub fn rename(&mut self, kind: &Type) -> Type {
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

    pub fn flows(&mut self, actual: &Type, expected: &Type) -> bool {
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
    fn tries(&mut self, actual: &Type, expected: &Type, before: &KnownTypes) -> bool {
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
    pub fn resolve(&self, kind: &Type, seen: &mut Vec<usize>) -> Type {
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
