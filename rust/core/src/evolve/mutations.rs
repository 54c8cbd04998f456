//! The mutations: each makes a child of a draft, or nothing where it finds no place.

use super::abstraction::abstract_repeated;
use super::language::ProgramOp;
use super::mutation_context::{Draft, MutationContext, TRIES};
use super::store::{Args, NodeId, Term};

/// The kinds of mutations. Their weights and descriptions are on the Python side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// Another constant of the same meaning.
    Constant,
    /// Replaces a constant by an expression over the samples, or the reverse.
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
    /// Turns two similar parts into calls of one function, and changes the function.
    Function,
}

/// How many mutations there are.
pub const MUTATIONS: usize = 12;

impl Mutation {
    /// All mutations.
    pub const ALL: [Self; MUTATIONS] = [
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

    /// Names the mutation as the Python side writes it.
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

/// Makes a mutation; nothing where it finds no place.
///
/// `mate` is the other program, for the mutations that need one. The child is well typed, but may
/// be what is known already, or no program.
pub fn apply(
    context: &mut MutationContext<'_>,
    kind: Mutation,
    draft: &Draft,
    mate: Option<NodeId>,
) -> Option<NodeId> {
    match kind {
        Mutation::Constant => change_constant(context, draft),
        Mutation::Samples => change_source(context, draft),
        Mutation::Primitive => change_primitive(context, draft),
        Mutation::Argument => change_argument(context, draft),
        Mutation::Insert => insert_call(context, draft),
        Mutation::Remove => remove_call(context, draft),
        Mutation::Wrap => wrap_result(context, draft),
        Mutation::Grow => grow_term(context, draft),
        Mutation::Subgraph => take_part(context, draft, mate),
        Mutation::Branch => branch_by_chance(context, draft, mate?),
        Mutation::Chain => chain_programs(context, draft, mate?),
        Mutation::Function => share_function(context, draft),
    }
}

fn change_constant(context: &mut MutationContext<'_>, draft: &Draft) -> Option<NodeId> {
    let at = context.draw_use(draft, |store, arg| store.term(arg).is_constant())?;
    let old = context.used(at);
    let constant = context.draw_constant(Some(at), context.store.kind(old))?;
    let new = context.constant(constant)?;
    if new == old {
        None
    } else if context.random.chance(0.5) {
        context.swap_use(draft, at, new)
    } else {
        context.swap(draft, old, new)
    }
}

fn change_source(context: &mut MutationContext<'_>, draft: &Draft) -> Option<NodeId> {
    let language = context.language;
    let mut derived: Vec<NodeId> = Vec::with_capacity(language.derived.len());
    for steps in &language.derived {
        derived.extend(context.include(steps, steps.len() - 1));
    }
    let at = context.draw_use(draft, |store, arg| {
        store.term(arg).is_constant() || derived.contains(&arg)
    })?;
    let old = context.used(at);
    let new = if derived.contains(&old) && context.random.chance(0.5) {
        let kind = context.wanted(at).unwrap_or(context.store.kind(old));
        let constant = context.draw_constant(Some(at), kind)?;
        context.constant(constant)?
    } else {
        *context.random.pick(&derived)?
    };
    if context.random.chance(0.5) {
        context.swap_use(draft, at, new)
    } else {
        context.swap(draft, old, new)
    }
}

fn change_primitive(context: &mut MutationContext<'_>, draft: &Draft) -> Option<NodeId> {
    let old = context.draw_node(draft, |term| {
        matches!(term.op, ProgramOp::Call(_) | ProgramOp::Function(_))
    })?;
    let term = context.store.term(old).clone();
    let (ProgramOp::Call(before) | ProgramOp::Function(before)) = term.op else {
        return None;
    };
    let arity = context.language.primitive(before).arity();
    for _ in 0..4 * TRIES {
        let callee = context.random.below(context.language.primitives.len()) as u16;
        if callee == before || context.language.primitive(callee).arity() != arity {
            continue;
        }
        let op = match term.op {
            ProgramOp::Call(_) => ProgramOp::Call(callee),
            _ => ProgramOp::Function(callee),
        };
        if let Some(new) = context.add(Term::new(op, term.args.clone())) {
            if let Some(child) = context.swap(draft, old, new) {
                return Some(child);
            }
        }
    }
    None
}

fn change_argument(context: &mut MutationContext<'_>, draft: &Draft) -> Option<NodeId> {
    let at = context.draw_use(draft, |_, _| true)?;
    let old = context.used(at);
    for _ in 0..TRIES {
        let new = *context.random.pick(&draft.cone)?;
        if new == old {
            continue;
        }
        if let Some(child) = context.swap_use(draft, at, new) {
            return Some(child);
        }
    }
    None
}

/// Makes a call with a node as an argument; its other arguments are existing or new nodes.
fn call_around(context: &mut MutationContext<'_>, draft: &Draft, node: NodeId) -> Option<NodeId> {
    let takers = context
        .typer
        .takers(context.language, context.store.kind(node));
    let (callee, taken) = *context.random.pick(takers)?;
    let arity = context.language.primitive(callee).arity();
    let mut args = Args::new();
    for place in 0..arity {
        if place == taken as usize {
            args.push(node);
            continue;
        }
        let wanted = context.typer.parameter(context.language, callee, place);
        args.push(context.make(draft, wanted)?);
    }
    context.add(Term::new(ProgramOp::Call(callee), args))
}

fn insert_call(context: &mut MutationContext<'_>, draft: &Draft) -> Option<NodeId> {
    let at = context.draw_use(draft, |store, arg| {
        !(store.term(arg).is_constant() || store.term(arg).is_function())
    })?;
    let old = context.used(at);
    let everywhere = context.random.chance(0.3);
    for _ in 0..TRIES {
        let Some(new) = call_around(context, draft, old) else {
            continue;
        };
        let child = if everywhere {
            context.swap(draft, old, new)
        } else {
            context.swap_use(draft, at, new)
        };
        if child.is_some() {
            return child;
        }
    }
    None
}

fn remove_call(context: &mut MutationContext<'_>, draft: &Draft) -> Option<NodeId> {
    let old = context.draw_node(draft, Term::is_call)?;
    let args = context.store.term(old).args.clone();
    let start = context.random.below(args.len());
    (0..args.len()).find_map(|turn| {
        let new = args[(start + turn) % args.len()];
        let child = context.swap(draft, old, new)?;
        context.is_program(child).then_some(child)
    })
}

fn wrap_result(context: &mut MutationContext<'_>, draft: &Draft) -> Option<NodeId> {
    (0..TRIES).find_map(|_| {
        let child = call_around(context, draft, draft.root)?;
        context.is_program(child).then_some(child)
    })
}

fn grow_term(context: &mut MutationContext<'_>, draft: &Draft) -> Option<NodeId> {
    let at = context.draw_use(draft, |_, _| true)?;
    let old = context.used(at);
    let wanted = context.wanted(at).unwrap_or(context.store.kind(old));
    (0..TRIES).find_map(|_| {
        let new = context.make(draft, wanted)?;
        if new == old {
            return None;
        }
        context.swap_use(draft, at, new)
    })
}

fn take_part(
    context: &mut MutationContext<'_>,
    draft: &Draft,
    mate: Option<NodeId>,
) -> Option<NodeId> {
    let at = context.draw_use(draft, |_, _| true)?;
    let old = context.used(at);
    let mate = mate.map(|mate| context.draft(mate));
    for _ in 0..TRIES {
        let new = match &mate {
            Some(mate) => *context.random.pick(&mate.cone)?,
            None => context.draw_part()?,
        };
        if new == old {
            continue;
        }
        let child = if context.random.chance(0.5) {
            context.swap_use(draft, at, new)
        } else {
            context.swap(draft, old, new)
        };
        if child.is_some() {
            return child;
        }
    }
    None
}

fn branch_by_chance(
    context: &mut MutationContext<'_>,
    draft: &Draft,
    mate: NodeId,
) -> Option<NodeId> {
    let callee = context.language.place("branch")?;
    let wanted = context.typer.parameter(context.language, callee, 0);
    let predicate = (0..TRIES).find_map(|_| context.make(draft, wanted))?;
    context.call("branch", &[predicate, draft.root, mate])
}

fn chain_programs(
    context: &mut MutationContext<'_>,
    draft: &Draft,
    mate: NodeId,
) -> Option<NodeId> {
    let given = context.add(Term::given(ProgramOp::Input(1)))?;
    let mate = context.draft(mate);
    let (early, late) = if context.random.chance(0.5) {
        (draft, &mate)
    } else {
        (&mate, draft)
    };
    if !late.cone.contains(&given) {
        return None;
    }
    context.swap(late, given, early.root)
}

fn share_function(context: &mut MutationContext<'_>, draft: &Draft) -> Option<NodeId> {
    let shared = abstract_repeated(context, draft)?;
    let draft = context.draft(shared);
    let kind = *context.random.pick(&Mutation::SMALL)?;
    apply(context, kind, &draft, None)
}
