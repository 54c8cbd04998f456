//! Programs of one island, merged: equal nodes are one node, and every node is well typed.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::expression::{needed, Step, StepArgs};

use super::language::{Language, Program, ProgramOp};
use super::packed::{pack, INVOKE};
use super::random::mix;
use super::typer::{TypeId, Typer};

/// A node, by its place; arguments have lower places than their call.
pub type NodeId = u32;
/// The arguments of a call.
pub type Args = StepArgs;

/// A node: its arguments are other nodes.
pub type Term = Step<ProgramOp>;

impl Term {
    /// Makes the same call with other arguments.
    pub fn with_args(&self, args: Args) -> Self {
        Self { op: self.op, args }
    }

    /// Returns whether it calls something.
    pub fn is_call(&self) -> bool {
        matches!(self.op, ProgramOp::Call(_) | ProgramOp::Invoke)
    }

    /// Returns whether it is a constant.
    pub fn is_constant(&self) -> bool {
        matches!(self.op, ProgramOp::Constant(_))
    }

    /// Returns whether it is a primitive as a value.
    pub fn is_function(&self) -> bool {
        matches!(self.op, ProgramOp::Function(_))
    }
}

/// Finds terms; most of them are packed, which is quicker.
#[derive(Debug, Default)]
struct Places {
    packed: FxHashMap<u128, NodeId>,
    others: FxHashMap<Term, NodeId>,
}

/// Inputs and functions are packed like calls of primitives that are none.
const INPUT: u16 = INVOKE - 1;
const FUNCTION: u16 = INVOKE - 2;

impl Places {
    fn key(term: &Term) -> Option<u128> {
        match term.op {
            ProgramOp::Input(place) => pack(INPUT, &[place.into()]),
            ProgramOp::Function(callee) => pack(FUNCTION, &[callee.into()]),
            ProgramOp::Constant(_) => None,
            ProgramOp::Call(callee) => pack(callee, &term.args),
            ProgramOp::Invoke => pack(INVOKE, &term.args),
        }
    }

    fn get(&self, term: &Term) -> Option<NodeId> {
        match Self::key(term) {
            Some(key) => self.packed.get(&key),
            None => self.others.get(term),
        }
        .copied()
    }

    fn insert(&mut self, term: &Term, place: NodeId) {
        match Self::key(term) {
            Some(key) => self.packed.insert(key, place),
            None => self.others.insert(term.clone(), place),
        };
    }
}

/// All nodes of an island.
#[derive(Debug, Default)]
pub struct Store {
    terms: Vec<Term>,
    types: Vec<TypeId>,
    /// Of each node: a digest of all that it is made of, the same in every store.
    digests: Vec<u64>,
    /// Of each node: which of S, I and C it needs, as bits.
    needs: Vec<u8>,
    places: Places,
}

impl Store {
    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// What a node is.
    pub fn term(&self, node: NodeId) -> &Term {
        &self.terms[node as usize]
    }

    /// The type of a node.
    pub fn kind(&self, node: NodeId) -> TypeId {
        self.types[node as usize]
    }

    /// The digest of a node, by which bodies are told apart.
    pub fn digest(&self, node: NodeId) -> u64 {
        self.digests[node as usize]
    }

    /// Returns whether a node needs S, I or C.
    pub fn needs(&self, node: NodeId, input: u8) -> bool {
        self.needs[node as usize] & (1 << input) != 0
    }

    /// Adds a node, or finds it; nothing if it is not well typed.
    pub fn add(&mut self, language: &Language, typer: &mut Typer, term: Term) -> Option<NodeId> {
        if let Some(place) = self.places.get(&term) {
            return Some(place);
        }
        let kinds: SmallVec<[TypeId; 4]> = term.args.iter().map(|&arg| self.kind(arg)).collect();
        let kind = match term.op {
            ProgramOp::Input(place) => typer.input(language, place),
            ProgramOp::Constant(constant) => typer.constant(language, constant),
            ProgramOp::Function(callee) => typer.function(language, callee),
            ProgramOp::Call(callee) => typer.call(language, callee, &kinds)?,
            ProgramOp::Invoke => typer.invoke(language, &kinds)?,
        };
        let needs = match term.op {
            ProgramOp::Input(place) => 1 << place,
            _ => term
                .args
                .iter()
                .fold(0, |needs, &arg| needs | self.needs[arg as usize]),
        };
        let place = self.terms.len() as NodeId;
        self.digests.push(self.digest_of(language, &term));
        self.types.push(kind);
        self.needs.push(needs);
        self.places.insert(&term, place);
        self.terms.push(term);
        Some(place)
    }

    /// Digests a term by names and the digests of its arguments: places differ between stores.
    fn digest_of(&self, language: &Language, term: &Term) -> u64 {
        let join = |state: u64, word: u64| mix(mix(state.wrapping_add(1)) ^ word);
        let fold = |words: &[u64]| words.iter().fold(0, |state, &word| join(state, word));
        let head = match term.op {
            ProgramOp::Input(place) => fold(&[1, place.into()]),
            ProgramOp::Constant(constant) => fold(&[2, fold(&constant.words())]),
            ProgramOp::Function(callee) => fold(&[3, language.digest(callee)]),
            ProgramOp::Call(callee) => fold(&[4, language.digest(callee)]),
            ProgramOp::Invoke => fold(&[5]),
        };
        let args = term.args.iter();
        args.fold(head, |state, &arg| join(state, self.digest(arg)))
    }

    /// Adds the nodes of a program up to one of its steps and returns that one; nothing if a node
    /// is not well typed.
    pub fn include(
        &mut self,
        language: &Language,
        typer: &mut Typer,
        steps: &[Step<ProgramOp>],
        last: usize,
    ) -> Option<NodeId> {
        let mut nodes: Vec<NodeId> = Vec::with_capacity(last + 1);
        for (step, is_needed) in steps.iter().zip(needed(steps, last)) {
            if !is_needed {
                nodes.push(0);
                continue;
            }
            let args = step.args.iter().map(|&arg| nodes[arg as usize]).collect();
            nodes.push(self.add(language, typer, step.with_args(args))?);
        }
        nodes.last().copied()
    }

    /// Lists the nodes that a root needs, itself included, ascending.
    pub fn cone(&self, root: NodeId) -> Vec<NodeId> {
        let mut found = vec![root];
        let mut next = 0;
        // Programs have some dozens of nodes: looking through the list beats a table.
        while next < found.len() {
            for &arg in &self.term(found[next]).args {
                if !found.contains(&arg) {
                    found.push(arg);
                }
            }
            next += 1;
        }
        found.sort_unstable();
        found
    }

    /// Writes a program as steps, in the order in which the Python side has them: depth first.
    pub fn steps(&self, root: NodeId) -> Program {
        let mut order: Vec<NodeId> = Vec::new();
        let mut places: FxHashMap<NodeId, u32> = FxHashMap::default();
        let mut stack = vec![root];
        while let Some(&node) = stack.last() {
            let missing = self
                .term(node)
                .args
                .iter()
                .find(|arg| !places.contains_key(arg));
            if let Some(&arg) = missing {
                stack.push(arg);
                continue;
            }
            stack.pop();
            places.entry(node).or_insert_with(|| {
                order.push(node);
                order.len() as u32 - 1
            });
        }
        let moved = |&node: &NodeId| {
            let term = self.term(node);
            term.with_args(term.args.iter().map(|arg| places[arg]).collect())
        };
        order.iter().map(moved).collect()
    }
}
