//! What a program does twice, as a function: lambda terms without variables.

use super::store::{NodeId, Term};
use super::workshop::{Draft, Workshop};

impl Workshop<'_> {
    /// Turns two parts of a draft that differ in one place into calls of one function.
    ///
    /// The program does the same as before, but a change of the function changes both parts.
    pub fn abstract_repeated(&mut self, draft: &Draft) -> Option<NodeId> {
        let mut calls: Vec<NodeId> = draft.cone.clone();
        calls.retain(|&node| self.store.term(node).is_call());
        self.random.shuffle(&mut calls);
        for (place, &first) in calls.iter().enumerate() {
            for &second in &calls[place + 1..] {
                if let Some(child) = self.abstract_pair(draft, first, second) {
                    return Some(child);
                }
            }
        }
        None
    }

    fn abstract_pair(&mut self, draft: &Draft, first: NodeId, second: NodeId) -> Option<NodeId> {
        let (x, y) = self.difference(first, second)?;
        if x == first {
            return None;
        }
        let function = self.lambda(first, x)?;
        if self.lambda(second, y)? != function
            || matches!(self.store.term(function), Term::Function(_))
        {
            return None;
        }
        let new_first = self.add(Term::Invoke([function, x].as_slice().into()))?;
        let root = self.swap(draft, first, new_first)?;
        // The second part may have stood above the first one, and then it has changed too.
        let changed = self.draft(root);
        if !changed.cone.contains(&second) {
            return Some(root);
        }
        let new_second = self.add(Term::Invoke([function, y].as_slice().into()))?;
        self.swap(&changed, second, new_second)
    }

    /// Finds the one place in which two nodes differ, as deep as possible.
    fn difference(&self, first: NodeId, second: NodeId) -> Option<(NodeId, NodeId)> {
        if first == second {
            return None;
        }
        let (mut x, mut y) = (first, second);
        loop {
            let (a, b) = (self.store.term(x), self.store.term(y));
            let same = match (a, b) {
                (Term::Call(one, _), Term::Call(other, _)) => one == other,
                (Term::Invoke(one), Term::Invoke(other)) => one.len() == other.len(),
                _ => false,
            };
            if !same {
                return Some((x, y));
            }
            let mut differing = a
                .args()
                .iter()
                .zip(b.args())
                .filter(|(one, other)| one != other);
            match (differing.next(), differing.next()) {
                (Some((&one, &other)), None) => (x, y) = (one, other),
                _ => return Some((x, y)),
            }
        }
    }

    /// Builds the function that a node is of another one; nothing if there is no such form.
    fn lambda(&mut self, node: NodeId, variable: NodeId) -> Option<NodeId> {
        let term = self.store.term(node).clone();
        let (mut function, args) = match &term {
            Term::Call(callee, args) => (self.add(Term::Function(*callee))?, &args[..]),
            Term::Invoke(args) => (args[0], &args[1..]),
            _ => return None,
        };
        if self.depends(function, variable) {
            return None;
        }
        let bound = |this: &Self, &arg: &NodeId| !this.depends(arg, variable);
        let start = args.iter().position(|arg| !bound(self, arg))?;
        let end = args.iter().rposition(|arg| !bound(self, arg))? + 1;
        for &arg in &args[..start] {
            function = self.call("lbind", &[function, arg])?;
        }
        for &arg in args[end..].iter().rev() {
            function = self.call("rbind", &[function, arg])?;
        }
        match args[start..end] {
            [arg] if arg == variable => Some(function),
            [arg] => {
                let inner = self.lambda(arg, variable)?;
                self.call("compose", &[function, inner])
            }
            [a, b] => {
                let (a, b) = (
                    self.lambda_or_same(a, variable)?,
                    self.lambda_or_same(b, variable)?,
                );
                self.call("fork", &[function, a, b])
            }
            _ => None,
        }
    }

    fn lambda_or_same(&mut self, node: NodeId, variable: NodeId) -> Option<NodeId> {
        if node == variable {
            let callee = self.language.place("identity")?;
            return self.add(Term::Function(callee));
        }
        self.lambda(node, variable)
    }

    fn depends(&self, node: NodeId, on: NodeId) -> bool {
        node == on || self.store.cone(node).contains(&on)
    }
}
