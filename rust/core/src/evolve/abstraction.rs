//! What a program does twice, as a function: lambda terms without variables.

use super::language::ProgramOp;
use super::mutation_context::{Draft, MutationContext};
use super::store::{NodeId, Term};

/// Turns two parts of a draft that differ in one place into calls of one function.
///
/// The program does the same as before, but a change of the function changes both parts.
pub fn abstract_repeated(context: &mut MutationContext<'_>, draft: &Draft) -> Option<NodeId> {
    let mut calls: Vec<NodeId> = draft.cone.clone();
    calls.retain(|&node| context.store.term(node).is_call());
    context.random.shuffle(&mut calls);
    for (place, &first) in calls.iter().enumerate() {
        for &second in &calls[place + 1..] {
            if let Some(child) = abstract_pair(context, draft, first, second) {
                return Some(child);
            }
        }
    }
    None
}

fn abstract_pair(
    context: &mut MutationContext<'_>,
    draft: &Draft,
    first: NodeId,
    second: NodeId,
) -> Option<NodeId> {
    let (x, y) = difference(context, first, second)?;
    if x == first {
        return None;
    }
    let function = lambda(context, first, x)?;
    if lambda(context, second, y)? != function || context.store.term(function).is_function() {
        return None;
    }
    let new_first = context.add(Term::new(ProgramOp::Invoke, [function, x].as_slice()))?;
    let root = context.swap(draft, first, new_first)?;
    // The second part may have stood above the first one, and then it has changed too.
    let changed = context.draft(root);
    if !changed.cone.contains(&second) {
        return Some(root);
    }
    let new_second = context.add(Term::new(ProgramOp::Invoke, [function, y].as_slice()))?;
    context.swap(&changed, second, new_second)
}

/// Finds the one place in which two nodes differ, as deep as possible.
fn difference(
    context: &MutationContext<'_>,
    first: NodeId,
    second: NodeId,
) -> Option<(NodeId, NodeId)> {
    if first == second {
        return None;
    }
    let (mut x, mut y) = (first, second);
    loop {
        let (a, b) = (context.store.term(x), context.store.term(y));
        if !(a.is_call() && a.op == b.op && a.args.len() == b.args.len()) {
            return Some((x, y));
        }
        let mut differing = a
            .args
            .iter()
            .zip(&b.args)
            .filter(|(one, other)| one != other);
        match (differing.next(), differing.next()) {
            (Some((&one, &other)), None) => (x, y) = (one, other),
            _ => return Some((x, y)),
        }
    }
}

/// Builds the function that a node is of another one; nothing if there is no such form.
fn lambda(context: &mut MutationContext<'_>, node: NodeId, variable: NodeId) -> Option<NodeId> {
    let term = context.store.term(node).clone();
    let (mut function, args) = match term.op {
        ProgramOp::Call(callee) => {
            let function = Term::given(ProgramOp::Function(callee));
            (context.add(function)?, &term.args[..])
        }
        ProgramOp::Invoke => (term.args[0], &term.args[1..]),
        _ => return None,
    };
    if depends(context, function, variable) {
        return None;
    }
    let bound = |context: &MutationContext<'_>, &arg: &NodeId| !depends(context, arg, variable);
    let start = args.iter().position(|arg| !bound(context, arg))?;
    let end = args.iter().rposition(|arg| !bound(context, arg))? + 1;
    for &arg in &args[..start] {
        function = context.call("lbind", &[function, arg])?;
    }
    for &arg in args[end..].iter().rev() {
        function = context.call("rbind", &[function, arg])?;
    }
    match args[start..end] {
        [arg] if arg == variable => Some(function),
        [arg] => {
            let inner = lambda(context, arg, variable)?;
            context.call("compose", &[function, inner])
        }
        [a, b] => {
            let (a, b) = (
                lambda_or_same(context, a, variable)?,
                lambda_or_same(context, b, variable)?,
            );
            context.call("fork", &[function, a, b])
        }
        _ => None,
    }
}

fn lambda_or_same(
    context: &mut MutationContext<'_>,
    node: NodeId,
    variable: NodeId,
) -> Option<NodeId> {
    if node == variable {
        let callee = context.language.place("identity")?;
        return context.add(Term::given(ProgramOp::Function(callee)));
    }
    lambda(context, node, variable)
}

fn depends(context: &MutationContext<'_>, node: NodeId, on: NodeId) -> bool {
    node == on || context.store.cone(node).contains(&on)
}
