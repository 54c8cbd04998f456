//! The moves: each makes a child of a draft, or nothing where it finds no place.

use super::language::Step;
use super::store::{Args, NodeId, Term};
use super::workshop::{Draft, Workshop, TRIES};

/// The kinds of moves. The Python side has their weights and says what each is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Another constant of the same meaning.
    Constant,
    /// A constant becomes what is derived from the samples, or the other way round.
    Samples,
    /// Another primitive of a compatible type.
    Primitive,
    /// An argument becomes another node of a compatible type.
    Argument,
    /// A call between a node and where it is used.
    Insert,
    /// A call gives way to one of its arguments.
    Remove,
    /// A call around the result.
    Wrap,
    /// An argument becomes a new random term.
    Grow,
    /// An argument becomes a part of another program.
    Subgraph,
    /// Two programs, chosen between by a predicate.
    Branch,
    /// Two programs, one after the other.
    Chain,
    /// What is there twice becomes a function, in which something else is changed.
    Function,
}

/// How many moves there are.
pub const MOVES: usize = 12;

impl Move {
    /// All moves.
    pub const ALL: [Self; MOVES] = [
        Self::Constant,
        Self::Samples,
        Self::Primitive,
        Self::Argument,
        Self::Insert,
        Self::Remove,
        Self::Wrap,
        Self::Grow,
        Self::Subgraph,
        Self::Branch,
        Self::Chain,
        Self::Function,
    ];
    /// Those that change a detail.
    const SMALL: [Self; 4] = [
        Self::Constant,
        Self::Primitive,
        Self::Argument,
        Self::Insert,
    ];

    /// Names the move as the Python side writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Samples => "samples",
            Self::Primitive => "primitive",
            Self::Argument => "argument",
            Self::Insert => "insert",
            Self::Remove => "remove",
            Self::Wrap => "wrap",
            Self::Grow => "grow",
            Self::Subgraph => "subgraph",
            Self::Branch => "branch",
            Self::Chain => "chain",
            Self::Function => "function",
        }
    }
}

impl Workshop<'_> {
    /// Makes a move; nothing where it finds no place.
    ///
    /// `mate` is the other program, for the moves that need one. The child is well typed, but may
    /// be what is known already, or no program.
    pub fn apply(&mut self, kind: Move, draft: &Draft, mate: Option<NodeId>) -> Option<NodeId> {
        match kind {
            Move::Constant => self.change_constant(draft),
            Move::Samples => self.change_source(draft),
            Move::Primitive => self.change_primitive(draft),
            Move::Argument => self.change_argument(draft),
            Move::Insert => self.insert_call(draft),
            Move::Remove => self.remove_call(draft),
            Move::Wrap => self.wrap_result(draft),
            Move::Grow => self.grow_term(draft),
            Move::Subgraph => self.take_part(draft, mate),
            Move::Branch => self.branch_by_chance(draft, mate?),
            Move::Chain => self.chain_programs(draft, mate?),
            Move::Function => self.share_function(draft),
        }
    }

    fn change_constant(&mut self, draft: &Draft) -> Option<NodeId> {
        let at = self.draw_use(draft, |store, arg| {
            matches!(store.term(arg), Term::Constant(_))
        })?;
        let old = self.used(at);
        let constant = self.draw_constant(Some(at), self.store.kind(old))?;
        let new = self.constant(constant)?;
        if new == old {
            None
        } else if self.random.chance(0.5) {
            self.swap_use(draft, at, new)
        } else {
            self.swap(draft, old, new)
        }
    }

    fn change_source(&mut self, draft: &Draft) -> Option<NodeId> {
        let language = self.language;
        let mut derived: Vec<NodeId> = Vec::with_capacity(language.derived.len());
        for steps in &language.derived {
            derived.extend(self.include(steps, steps.len() - 1));
        }
        let at = self.draw_use(draft, |store, arg| {
            matches!(store.term(arg), Term::Constant(_)) || derived.contains(&arg)
        })?;
        let old = self.used(at);
        let new = if derived.contains(&old) && self.random.chance(0.5) {
            let kind = self.wanted(at).unwrap_or(self.store.kind(old));
            let constant = self.draw_constant(Some(at), kind)?;
            self.constant(constant)?
        } else {
            *self.random.pick(&derived)?
        };
        if self.random.chance(0.5) {
            self.swap_use(draft, at, new)
        } else {
            self.swap(draft, old, new)
        }
    }

    fn change_primitive(&mut self, draft: &Draft) -> Option<NodeId> {
        let old = self.draw_node(draft, |term| {
            matches!(term, Term::Call(..) | Term::Function(_))
        })?;
        let term = self.store.term(old).clone();
        let (Term::Call(before, _) | Term::Function(before)) = term else {
            return None;
        };
        let arity = self.language.primitive(before).arity();
        for _ in 0..4 * TRIES {
            let callee = self.random.below(self.language.primitives.len()) as u16;
            if callee == before || self.language.primitive(callee).arity() != arity {
                continue;
            }
            let changed = match &term {
                Term::Call(_, args) => Term::Call(callee, args.clone()),
                _ => Term::Function(callee),
            };
            if let Some(new) = self.add(changed) {
                if let Some(child) = self.swap(draft, old, new) {
                    return Some(child);
                }
            }
        }
        None
    }

    fn change_argument(&mut self, draft: &Draft) -> Option<NodeId> {
        let at = self.draw_use(draft, |_, _| true)?;
        let old = self.used(at);
        for _ in 0..TRIES {
            let new = *self.random.pick(&draft.cone)?;
            if new == old {
                continue;
            }
            if let Some(child) = self.swap_use(draft, at, new) {
                return Some(child);
            }
        }
        None
    }

    /// Makes a call that takes a node, its other arguments being what is there or new.
    fn call_around(&mut self, draft: &Draft, node: NodeId) -> Option<NodeId> {
        let takers = self.typer.takers(self.language, self.store.kind(node));
        let (callee, taken) = *self.random.pick(takers)?;
        let arity = self.language.arity(callee);
        let mut args = Args::new();
        for place in 0..arity {
            if place == taken as usize {
                args.push(node);
                continue;
            }
            let wanted = self.typer.parameter(self.language, callee, place);
            args.push(self.make(draft, wanted)?);
        }
        self.call_or_expand(callee, &args)
    }

    fn insert_call(&mut self, draft: &Draft) -> Option<NodeId> {
        let at = self.draw_use(draft, |store, arg| {
            !matches!(store.term(arg), Term::Constant(_) | Term::Function(_))
        })?;
        let old = self.used(at);
        let everywhere = self.random.chance(0.3);
        for _ in 0..TRIES {
            let Some(new) = self.call_around(draft, old) else {
                continue;
            };
            let child = if everywhere {
                self.swap(draft, old, new)
            } else {
                self.swap_use(draft, at, new)
            };
            if child.is_some() {
                return child;
            }
        }
        None
    }

    fn remove_call(&mut self, draft: &Draft) -> Option<NodeId> {
        let old = self.draw_node(draft, Term::is_call)?;
        let args = Args::from_slice(self.store.term(old).args());
        let start = self.random.below(args.len());
        (0..args.len()).find_map(|turn| {
            let new = args[(start + turn) % args.len()];
            let child = self.swap(draft, old, new)?;
            self.is_program(child).then_some(child)
        })
    }

    fn wrap_result(&mut self, draft: &Draft) -> Option<NodeId> {
        (0..TRIES).find_map(|_| {
            let child = self.call_around(draft, draft.root)?;
            self.is_program(child).then_some(child)
        })
    }

    fn grow_term(&mut self, draft: &Draft) -> Option<NodeId> {
        let at = self.draw_use(draft, |_, _| true)?;
        let old = self.used(at);
        let wanted = self.wanted(at).unwrap_or(self.store.kind(old));
        (0..TRIES).find_map(|_| {
            let new = self.make(draft, wanted)?;
            if new == old {
                return None;
            }
            self.swap_use(draft, at, new)
        })
    }

    fn take_part(&mut self, draft: &Draft, mate: Option<NodeId>) -> Option<NodeId> {
        let at = self.draw_use(draft, |_, _| true)?;
        let old = self.used(at);
        let mate = mate.map(|mate| self.draft(mate));
        for _ in 0..TRIES {
            let new = match &mate {
                Some(mate) => *self.random.pick(&mate.cone)?,
                None => self.draw_part()?,
            };
            if new == old {
                continue;
            }
            let child = if self.random.chance(0.5) {
                self.swap_use(draft, at, new)
            } else {
                self.swap(draft, old, new)
            };
            if child.is_some() {
                return child;
            }
        }
        None
    }

    /// Draws a part of a donor: a call, or a primitive as a value.
    fn draw_part(&mut self) -> Option<NodeId> {
        let (_, steps) = *self.random.pick(&self.donors)?;
        let last = self.random.below(steps.len());
        if matches!(steps[last], Step::Input(_) | Step::Constant(_)) {
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

    fn branch_by_chance(&mut self, draft: &Draft, mate: NodeId) -> Option<NodeId> {
        let callee = self.language.place("branch")?;
        let wanted = self.typer.parameter(self.language, callee, 0);
        let predicate = (0..TRIES).find_map(|_| self.make(draft, wanted))?;
        self.call("branch", &[predicate, draft.root, mate])
    }

    fn chain_programs(&mut self, draft: &Draft, mate: NodeId) -> Option<NodeId> {
        let given = self.add(Term::Input(1))?;
        let mate = self.draft(mate);
        let (early, late) = if self.random.chance(0.5) {
            (draft, &mate)
        } else {
            (&mate, draft)
        };
        if !late.cone.contains(&given) {
            return None;
        }
        self.swap(late, given, early.root)
    }

    fn share_function(&mut self, draft: &Draft) -> Option<NodeId> {
        let shared = self.abstract_repeated(draft)?;
        let draft = self.draft(shared);
        let kind = *self.random.pick(&Move::SMALL)?;
        self.apply(kind, &draft, None)
    }
}
