//! Building children: a draft is changed in one place, and what is above it is built again.

use std::sync::Arc;

use smallvec::SmallVec;

use super::language::{Constant, Language, Program, ProgramOp};
use super::random::Random;
use super::store::{Args, NodeId, Store, Term};
use super::typer::{TypeId, Typer};
use super::types::Name;

/// A program that is about to be changed.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its result.
    pub root: NodeId,
    /// All its nodes, ascending.
    pub cone: Vec<NodeId>,
}

/// Where a node is used: by which call, as which argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// The call.
    pub call: NodeId,
    /// The argument.
    pub place: usize,
}

/// How often a random choice is made again before a mutation gives up.
pub(super) const TRIES: usize = 12;
/// How deep random terms are.
const DEPTH: usize = 2;

/// All that a child is made with.
pub struct MutationContext<'a> {
    /// The language.
    pub language: &'a Language,
    /// What is known of types.
    pub typer: &'a mut Typer,
    /// The nodes of all programs at hand.
    pub store: Store,
    /// Where choices come from.
    pub random: Random,
    /// Programs to take parts from, with their places.
    pub donors: Vec<(usize, &'a Arc<Program>)>,
    /// The inputs that a program may read, by their places.
    pub inputs: Vec<u8>,
    /// What programs return.
    pub goal: TypeId,
}

impl MutationContext<'_> {
    /// Adds a node, or finds it; nothing if it is not well typed.
    pub fn add(&mut self, term: Term) -> Option<NodeId> {
        self.store.add(self.language, self.typer, term)
    }

    /// Adds a call by the name of its primitive; nothing if there is none, or if it does not fit.
    pub fn call(&mut self, name: &str, args: &[NodeId]) -> Option<NodeId> {
        let callee = self.language.place(name)?;
        self.add(Term::new(ProgramOp::Call(callee), args))
    }

    /// Adds a constant.
    pub fn constant(&mut self, constant: Constant) -> Option<NodeId> {
        self.add(Term::given(ProgramOp::Constant(constant)))
    }

    /// Adds a program up to one of its steps; nothing if that is not well typed.
    pub fn include(&mut self, steps: &Program, last: usize) -> Option<NodeId> {
        self.store.include(self.language, self.typer, steps, last)
    }

    /// Takes a program up to be changed.
    pub fn draft(&self, root: NodeId) -> Draft {
        Draft {
            root,
            cone: self.store.cone(root),
        }
    }

    /// Returns whether a node has the type that is wanted.
    pub fn fits(&mut self, node: NodeId, wanted: TypeId) -> bool {
        let kind = self.store.kind(node);
        self.typer.fits(self.language, kind, wanted)
    }

    /// Returns whether a node may be the result of a program, and reads only what that may.
    pub fn is_program(&mut self, node: NodeId) -> bool {
        let readable = |input: u8| self.inputs.contains(&input) || !self.store.needs(node, input);
        (0..3).all(readable) && self.store.term(node).is_call() && self.fits(node, self.goal)
    }

    /// Returns whether a node is a truth value.
    pub fn is_truth(&self, node: NodeId) -> bool {
        self.typer.get(self.store.kind(node)).name == Name::Boolean
    }

    /// Returns whether a program chooses between two others.
    pub fn has_branch(&self, cone: &[NodeId]) -> bool {
        let branch = self.language.place("branch");
        let is_branch = |&node: &NodeId| match self.store.term(node).op {
            ProgramOp::Call(callee) => Some(callee) == branch,
            _ => false,
        };
        cone.iter().any(is_branch)
    }

    /// Puts a node into the place of another one, wherever the draft uses that.
    pub fn swap(&mut self, draft: &Draft, old: NodeId, new: NodeId) -> Option<NodeId> {
        let mut swapped: SmallVec<[(NodeId, NodeId); 16]> = SmallVec::new();
        swapped.push((old, new));
        let find = |swapped: &[(NodeId, NodeId)], node: NodeId| {
            let found = swapped.iter().find(|(before, _)| *before == node);
            found.map(|(_, now)| *now)
        };
        for &node in draft.cone.iter().filter(|&&node| node > old) {
            let term = self.store.term(node);
            if !term.args.iter().any(|&arg| find(&swapped, arg).is_some()) {
                continue;
            }
            let args = term.args.iter();
            let args = args
                .map(|&arg| find(&swapped, arg).unwrap_or(arg))
                .collect();
            let term = term.with_args(args);
            let built = self.add(term)?;
            swapped.push((node, built));
        }
        find(&swapped, draft.root)
    }

    /// Puts a node into one argument of one call.
    pub fn swap_use(&mut self, draft: &Draft, at: Use, new: NodeId) -> Option<NodeId> {
        let term = self.store.term(at.call);
        let mut args = term.args.clone();
        args[at.place] = new;
        let term = term.with_args(args);
        let call = self.add(term)?;
        self.swap(draft, at.call, call)
    }

    /// Draws an argument of a call of the draft that passes a test.
    pub fn draw_use(
        &mut self,
        draft: &Draft,
        test: impl Fn(&Store, NodeId) -> bool,
    ) -> Option<Use> {
        let mut found: SmallVec<[Use; 32]> = SmallVec::new();
        for &call in &draft.cone {
            for (place, &arg) in self.store.term(call).args.iter().enumerate() {
                if test(&self.store, arg) {
                    found.push(Use { call, place });
                }
            }
        }
        self.random.pick(&found).copied()
    }

    /// Draws a node of the draft that passes a test.
    pub fn draw_node(&mut self, draft: &Draft, test: impl Fn(&Term) -> bool) -> Option<NodeId> {
        let found: SmallVec<[NodeId; 32]> = draft
            .cone
            .iter()
            .copied()
            .filter(|&node| test(self.store.term(node)))
            .collect();
        self.random.pick(&found).copied()
    }

    /// The node that a use uses.
    pub fn used(&self, at: Use) -> NodeId {
        self.store.term(at.call).args[at.place]
    }

    /// The type that is wanted where a node is used; nothing where the function is computed.
    pub fn wanted(&mut self, at: Use) -> Option<TypeId> {
        match self.store.term(at.call).op {
            ProgramOp::Call(callee) => Some(self.typer.parameter(self.language, callee, at.place)),
            _ => None,
        }
    }

    /// Draws a constant of the meaning that a place has; nothing if it has none.
    ///
    /// The name and type of the parameter decide, then the type of what stands there.
    pub fn draw_constant(&mut self, at: Option<Use>, kind: TypeId) -> Option<Constant> {
        let language = self.language;
        let parameter = match at.map(|at| (self.store.term(at.call).op, at.place)) {
            Some((ProgramOp::Call(callee), place)) => {
                let typed = language.primitive(callee);
                Some((typed.parameter(place), typed.parameters[place].as_str()))
            }
            _ => None,
        };
        let kind = self.typer.get(kind);
        let of_parameter = language.meanings.iter().find(|meaning| {
            parameter.is_some_and(|(wanted, name)| {
                meaning.kind.as_ref() == Some(wanted)
                    && meaning.parameter.as_ref().is_none_or(|own| own == name)
            })
        });
        let meaning = of_parameter.or_else(|| {
            let mut meanings = language.meanings.iter();
            meanings
                .find(|meaning| meaning.parameter.is_none() && meaning.kind.as_ref() == Some(kind))
        })?;
        self.random.pick(&meaning.constants).copied()
    }

    /// Makes a random term of a type from the nodes of a draft and new ones.
    pub fn make(&mut self, draft: &Draft, wanted: TypeId) -> Option<NodeId> {
        self.make_deep(draft, wanted, DEPTH)
    }

    fn make_deep(&mut self, draft: &Draft, wanted: TypeId, depth: usize) -> Option<NodeId> {
        if depth == 0 || self.random.chance(0.4) {
            if let Some(node) = self.draw_fitting(draft, wanted) {
                return Some(node);
            }
        }
        if let Some(constant) = self.draw_constant(None, wanted) {
            if depth == 0 || self.random.chance(0.5) {
                return self.constant(constant);
            }
        }
        if self.typer.is_function(wanted) {
            return self.make_function(draft, wanted);
        }
        if depth == 0 {
            return None;
        }
        let makers = self.typer.makers(self.language, wanted);
        let callee = *self.random.pick(makers)?;
        let arity = self.language.primitive(callee).arity();
        let mut args = Args::new();
        for place in 0..arity {
            let wanted = self.typer.parameter(self.language, callee, place);
            args.push(self.make_deep(draft, wanted, depth - 1)?);
        }
        let node = self.add(Term::new(ProgramOp::Call(callee), args))?;
        self.fits(node, wanted).then_some(node)
    }

    /// Draws a node of the draft, or an input, that has a type.
    fn draw_fitting(&mut self, draft: &Draft, wanted: TypeId) -> Option<NodeId> {
        let mut found: SmallVec<[NodeId; 32]> = SmallVec::new();
        for &node in &draft.cone {
            if !self.store.term(node).is_constant() && self.fits(node, wanted) {
                found.push(node);
            }
        }
        for place in 0..self.inputs.len() {
            let node = self.add(Term::given(ProgramOp::Input(self.inputs[place])))?;
            if !found.contains(&node) && self.fits(node, wanted) {
                found.push(node);
            }
        }
        self.random.pick(&found).copied()
    }

    /// Makes a function: a primitive, one after another, or one with an argument that is fixed.
    fn make_function(&mut self, draft: &Draft, wanted: TypeId) -> Option<NodeId> {
        let node = match self.random.below(10) {
            0..=5 => {
                let makers = self.typer.function_makers(self.language, wanted);
                let callee = *self.random.pick(makers)?;
                self.add(Term::given(ProgramOp::Function(callee)))?
            }
            6 | 7 => {
                let (outer, inner) = (self.draw_function(1)?, self.draw_function(1)?);
                self.call("compose", &[outer, inner])?
            }
            other => {
                let (name, fixed) = [("rbind", 1), ("lbind", 0)][other - 8];
                let function = self.draw_function(2)?;
                let ProgramOp::Function(callee) = self.store.term(function).op else {
                    return None;
                };
                let wanted = self.typer.parameter(self.language, callee, fixed);
                let bound = self.make_deep(draft, wanted, 0)?;
                self.call(name, &[function, bound])?
            }
        };
        self.fits(node, wanted).then_some(node)
    }

    fn draw_function(&mut self, arity: usize) -> Option<NodeId> {
        for _ in 0..TRIES {
            let callee = self.random.below(self.language.primitives.len()) as u16;
            if self.language.primitive(callee).arity() == arity {
                return self.add(Term::given(ProgramOp::Function(callee)));
            }
        }
        None
    }

    /// Draws a part of a donor: a call, or a primitive as a value.
    pub fn draw_part(&mut self) -> Option<NodeId> {
        let (_, steps) = *self.random.pick(&self.donors)?;
        let last = self.random.below(steps.len());
        if matches!(steps[last].op, ProgramOp::Input(_) | ProgramOp::Constant(_)) {
            return None;
        }
        self.include(steps, last)
    }

    /// Draws a whole donor with its place; nothing if there is none, or if it does not fit.
    pub fn draw_donor(&mut self) -> Option<(usize, NodeId)> {
        let (place, steps) = *self.random.pick(&self.donors)?;
        let root = self.include(steps, steps.len() - 1)?;
        self.is_program(root).then_some((place, root))
    }

    /// Draws a donor, whatever it returns.
    pub fn draw_part_giver(&mut self) -> Option<(usize, NodeId)> {
        let (place, steps) = *self.random.pick(&self.donors)?;
        Some((place, self.include(steps, steps.len() - 1)?))
    }
}
