//! The types of calls, each inferred once.

use rustc_hash::FxHashMap;

use super::language::{Constant, Language};
use super::packed::{pack, INVOKE};
use super::types::{settle, Name, Type};

/// A type, by its place in a [`Typer`].
pub type TypeId = u32;

/// Knows every type that was met, and what was inferred; one per thread.
///
/// Its answers do not depend on earlier ones, so that runs are the same however
/// their work is spread over threads. Numbers of types do, and must not decide anything.
#[derive(Debug, Default)]
pub struct Typer {
    types: Vec<Type>,
    places: FxHashMap<Type, TypeId>,
    calls: FxHashMap<u128, Option<TypeId>>,
    fits: FxHashMap<(TypeId, TypeId), bool>,
    functions: FxHashMap<u16, TypeId>,
    takers: FxHashMap<TypeId, Vec<(u16, u8)>>,
    makers: FxHashMap<TypeId, Vec<u16>>,
    function_makers: FxHashMap<TypeId, Vec<u16>>,
}

impl Typer {
    /// Finds the place of a type.
    pub fn intern(&mut self, kind: &Type) -> TypeId {
        if let Some(&place) = self.places.get(kind) {
            return place;
        }
        let place = self.types.len() as TypeId;
        self.types.push(kind.clone());
        self.places.insert(kind.clone(), place);
        place
    }

    /// The type at a place.
    pub fn get(&self, place: TypeId) -> &Type {
        &self.types[place as usize]
    }

    /// Infers the type of a call; nothing if it can't be right.
    pub fn call(&mut self, language: &Language, callee: u16, args: &[TypeId]) -> Option<TypeId> {
        self.infer(callee, args, |typer| {
            let typed = language.primitive(callee);
            let given: Vec<&Type> = args.iter().map(|&arg| typer.get(arg)).collect();
            language
                .definitions
                .infer_call(&typed.signature, &typed.overloads, &given)
        })
    }

    /// Infers the type of a call of a computed function; nothing if it can't be right.
    pub fn invoke(&mut self, language: &Language, args: &[TypeId]) -> Option<TypeId> {
        self.infer(INVOKE, args, |typer| {
            let given: Vec<&Type> = args.iter().map(|&arg| typer.get(arg)).collect();
            language.definitions.infer_invoke(given[0], &given[1..])
        })
    }

    fn infer(
        &mut self,
        callee: u16,
        args: &[TypeId],
        kind: impl FnOnce(&Self) -> Option<Type>,
    ) -> Option<TypeId> {
        let key = pack(callee, args);
        if let Some(&known) = key.and_then(|key| self.calls.get(&key)) {
            return known;
        }
        let place = kind(self).map(|kind| self.intern(&kind));
        if let Some(key) = key {
            self.calls.insert(key, place);
        }
        place
    }

    /// The type of a primitive as a value.
    pub fn function(&mut self, language: &Language, callee: u16) -> TypeId {
        if let Some(&known) = self.functions.get(&callee) {
            return known;
        }
        let place = self.intern(&settle(language.primitive(callee).signature.clone()));
        self.functions.insert(callee, place);
        place
    }

    /// The type of S, I or C.
    pub fn input(&mut self, language: &Language, place: u8) -> TypeId {
        self.intern(&language.inputs[place as usize])
    }

    /// The type of a constant.
    pub fn constant(&mut self, language: &Language, constant: Constant) -> TypeId {
        self.intern(&Language::constant_type(constant, &language.definitions))
    }

    /// Returns whether a value of one type may stand where another is wanted.
    pub fn fits(&mut self, language: &Language, kind: TypeId, wanted: TypeId) -> bool {
        if kind == wanted {
            return true;
        }
        if let Some(&known) = self.fits.get(&(kind, wanted)) {
            return known;
        }
        let answer = language.definitions.fits(self.get(kind), self.get(wanted));
        self.fits.insert((kind, wanted), answer);
        answer
    }

    /// The type of a parameter of a primitive.
    pub fn parameter(&mut self, language: &Language, callee: u16, place: usize) -> TypeId {
        self.intern(language.primitive(callee).parameter(place))
    }

    /// Lists the primitives that take a type, with the parameter that it fits.
    pub fn takers(&mut self, language: &Language, kind: TypeId) -> &[(u16, u8)] {
        if !self.takers.contains_key(&kind) {
            let mut found = Vec::new();
            for callee in language.callees() {
                for place in 0..language.primitive(callee).arity() {
                    let wanted = self.parameter(language, callee, place);
                    if self.fits(language, kind, wanted) {
                        found.push((callee, place as u8));
                    }
                }
            }
            self.takers.insert(kind, found);
        }
        &self.takers[&kind]
    }

    /// Lists the primitives whose result fits where a type is wanted.
    pub fn makers(&mut self, language: &Language, wanted: TypeId) -> &[u16] {
        if !self.makers.contains_key(&wanted) {
            let makes = |&callee: &u16| {
                let result = self.intern(language.primitive(callee).result());
                self.fits(language, result, wanted)
            };
            let found = language.callees().filter(makes).collect();
            self.makers.insert(wanted, found);
        }
        &self.makers[&wanted]
    }

    /// Lists the primitives that fit, as values, where a type is wanted.
    pub fn function_makers(&mut self, language: &Language, wanted: TypeId) -> &[u16] {
        if !self.function_makers.contains_key(&wanted) {
            let fits = |&callee: &u16| {
                let kind = self.function(language, callee);
                self.fits(language, kind, wanted)
            };
            let found = language.callees().filter(fits).collect();
            self.function_makers.insert(wanted, found);
        }
        &self.function_makers[&wanted]
    }

    /// Returns whether a type is a function's.
    pub fn is_function(&self, kind: TypeId) -> bool {
        self.get(kind).name == Name::Callable
    }
}
