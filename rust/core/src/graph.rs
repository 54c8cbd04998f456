//! Graphs: checked once, and prepared for being evaluated many times.
//!
//! Nodes fall into strata by what they depend on: on nothing, on S alone, on C but not on I, or on
//! I. A lower stratum is evaluated once and serves many cases.

use std::borrow::Cow;

use crate::function::Callee;
use crate::value::{Members, Value};

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// S, I or C.
    Input,
    /// A number or a tuple of constants and primitives.
    Constant,
    /// A primitive as a value.
    Function,
    /// A call of a primitive.
    Call,
    /// A call of the function that the first argument computes.
    Invoke,
}

impl Op {
    const ALL: [Self; 5] = [
        Self::Input,
        Self::Constant,
        Self::Function,
        Self::Call,
        Self::Invoke,
    ];

    /// Names the op as the Python side writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Constant => "constant",
            Self::Function => "function",
            Self::Call => "call",
            Self::Invoke => "invoke",
        }
    }

    /// Finds the op that has a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|op| op.name() == name)
    }
}

/// A node as it comes from outside.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub op: Op,
    /// The input or the primitive; not read for other ops.
    pub name: String,
    /// Indices of earlier nodes.
    pub args: Vec<i64>,
    /// Of a constant: what it is; nothing if it is no value.
    pub value: Option<Value>,
}

/// A graph that no program can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphError {
    /// Index of the first node that is wrong.
    pub node: i64,
    /// What is wrong with it.
    pub problem: String,
}

/// A value that a program is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// S: the demo samples.
    Samples,
    /// I: the grid at hand.
    Grid,
    /// C: the grid to compare with.
    Compared,
}

/// How many strata there are.
pub(crate) const STRATA: usize = 4;
/// The stratum of nodes that depend on no input.
pub(crate) const FIXED: usize = 0;
/// The stratum of nodes that depend on S, but neither on I nor on C.
pub(crate) const SHARED: usize = 1;
/// The stratum of nodes that depend on C, and maybe on S, but not on I.
pub(crate) const COMPARED: usize = 2;
/// The stratum of nodes that depend on I.
pub(crate) const OWN: usize = 3;

/// What a node does.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Input(Input),
    Constant(Value),
    Function(Callee),
    Call(Callee),
    Invoke,
}

/// An argument of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arg {
    /// The node that it is.
    pub node: u32,
    /// Whether nobody reads the node's value after this call.
    pub last: bool,
}

/// Marks a node that is no root.
pub(crate) const NO_TARGET: u32 = u32::MAX;

/// How many entries the lists of what targets need may have; a chain of calls in which each is a
/// target would have half the square of its length.
const CONE_ENTRIES: usize = 1 << 24;

/// Lists of different lengths, one after the other.
#[derive(Debug)]
struct Lists<T> {
    starts: Vec<usize>,
    items: Vec<T>,
}

impl<T> Lists<T> {
    fn new() -> Self {
        Self {
            starts: vec![0],
            items: Vec::new(),
        }
    }

    fn push(&mut self, list: impl IntoIterator<Item = T>) {
        self.items.extend(list);
        self.starts.push(self.items.len());
    }

    fn get(&self, place: usize) -> &[T] {
        &self.items[self.starts[place]..self.starts[place + 1]]
    }
}

/// Nodes with some roots, checked.
#[derive(Debug)]
pub struct Graph {
    actions: Vec<Action>,
    args: Lists<Arg>,
    roots: Vec<u32>,
    /// The distinct roots.
    targets: Vec<u32>,
    /// Of each node: its place among the targets.
    target_of: Vec<u32>,
    /// Of each node: whether its value is read after it is there.
    read: Vec<bool>,
    /// Of the first targets: the calls that each needs, itself included.
    cones: Lists<u32>,
    strata: [Vec<u32>; STRATA],
}

impl Graph {
    /// Checks nodes and prepares them.
    ///
    /// `resolve` finds the primitive of a name. Fails at the first node that calls an unknown
    /// primitive, has a wrong number of arguments, or points to a node that does not stand before
    /// it, and at the first root that is not a node.
    pub fn new(
        nodes: &[Node],
        roots: &[i64],
        mut resolve: impl FnMut(&str) -> Option<Callee>,
    ) -> Result<Self, GraphError> {
        let mut actions = Vec::with_capacity(nodes.len());
        let mut args = Lists::new();
        for (index, node) in nodes.iter().enumerate() {
            actions.push(
                check(node, index, &mut resolve).map_err(|problem| GraphError {
                    node: index as i64,
                    problem,
                })?,
            );
            args.push(node.args.iter().map(|&arg| Arg {
                node: arg as u32,
                last: false,
            }));
        }
        let roots = check_roots(roots, nodes.len())?;
        let mut graph = Self {
            target_of: vec![NO_TARGET; nodes.len()],
            targets: Vec::new(),
            read: vec![false; nodes.len()],
            cones: Lists::new(),
            strata: Default::default(),
            actions,
            args,
            roots,
        };
        graph.prepare();
        Ok(graph)
    }

    fn prepare(&mut self) {
        for &root in &self.roots {
            if self.target_of[root as usize] == NO_TARGET {
                self.target_of[root as usize] = self.targets.len() as u32;
                self.targets.push(root);
            }
        }
        let strata = self.layer();
        self.mark_last_readers(&strata);
        self.list_cones();
    }

    /// Puts the nodes that some root needs into their strata.
    fn layer(&mut self) -> Vec<usize> {
        let mut needed = vec![false; self.len()];
        for &target in &self.targets {
            needed[target as usize] = true;
        }
        for index in (0..self.len()).rev() {
            if needed[index] {
                for arg in self.args.get(index) {
                    needed[arg.node as usize] = true;
                }
            }
        }
        let mut strata = vec![FIXED; self.len()];
        for index in 0..self.len() {
            strata[index] = match self.actions[index] {
                Action::Input(Input::Samples) => SHARED,
                Action::Input(Input::Compared) => COMPARED,
                Action::Input(Input::Grid) => OWN,
                _ => {
                    let below = self.args.get(index).iter();
                    below
                        .map(|arg| strata[arg.node as usize])
                        .max()
                        .unwrap_or(FIXED)
                }
            };
            if needed[index] {
                self.strata[strata[index]].push(index as u32);
            }
        }
        strata
    }

    /// Finds the last reader of each value that need not outlive its stratum.
    fn mark_last_readers(&mut self, strata: &[usize]) {
        for &target in &self.targets {
            // What depends on I is scored as soon as it is there, the rest once per case.
            self.read[target as usize] = strata[target as usize] != OWN;
        }
        for stratum in (0..STRATA).rev() {
            for &index in self.strata[stratum].iter().rev() {
                let (start, end) = (
                    self.args.starts[index as usize],
                    self.args.starts[index as usize + 1],
                );
                for arg in self.args.items[start..end].iter_mut().rev() {
                    let read = &mut self.read[arg.node as usize];
                    arg.last = !*read && strata[arg.node as usize] == stratum;
                    *read = true;
                }
            }
        }
    }

    /// Lists what the first targets need, until there is no more room for lists.
    fn list_cones(&mut self) {
        let mut seen = vec![NO_TARGET; self.len()];
        for place in 0..self.targets.len() {
            if self.cones.items.len() > CONE_ENTRIES {
                break;
            }
            let cone = self.list_cone(place as u32, &mut seen);
            self.cones.push(cone);
        }
    }

    /// Lists the calls that a target needs, ascending; `seen` marks what the target has reached.
    fn list_cone(&self, target: u32, seen: &mut [u32]) -> Vec<u32> {
        let mut stack = vec![self.targets[target as usize]];
        let mut cone = Vec::new();
        while let Some(index) = stack.pop() {
            if seen[index as usize] == target {
                continue;
            }
            seen[index as usize] = target;
            if matches!(
                self.actions[index as usize],
                Action::Call(_) | Action::Invoke
            ) {
                cone.push(index);
                stack.extend(self.args.get(index as usize).iter().map(|arg| arg.node));
            }
        }
        cone.sort_unstable();
        cone
    }

    /// Lists all nodes that a node needs, depth first, arguments before their calls.
    pub(crate) fn order(&self, root: u32) -> Vec<u32> {
        let mut placed = vec![false; root as usize + 1];
        let mut order = Vec::new();
        let mut stack = vec![root];
        while let Some(&node) = stack.last() {
            let mut args = self.args(node).iter().map(|arg| arg.node);
            match args.find(|&arg| !placed[arg as usize]) {
                Some(arg) => stack.push(arg),
                None => {
                    stack.pop();
                    if !std::mem::replace(&mut placed[node as usize], true) {
                        order.push(node);
                    }
                }
            }
        }
        order
    }

    /// How many nodes it has.
    pub fn len(&self) -> usize {
        self.actions.len()
    }

    /// Returns whether it has no nodes.
    pub fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }

    /// The nodes whose values are asked for.
    pub fn roots(&self) -> &[u32] {
        &self.roots
    }

    /// What a failure of a node says that it called: empty for a computed function.
    pub fn name(&self, node: usize) -> &str {
        match &self.actions[node] {
            Action::Call(callee) | Action::Function(callee) => callee.name(),
            Action::Input(Input::Samples) => "S",
            Action::Input(Input::Grid) => "I",
            Action::Input(Input::Compared) => "C",
            Action::Constant(_) | Action::Invoke => "",
        }
    }

    pub(crate) fn action(&self, node: u32) -> &Action {
        &self.actions[node as usize]
    }

    pub(crate) fn args(&self, node: u32) -> &[Arg] {
        self.args.get(node as usize)
    }

    pub(crate) fn targets(&self) -> &[u32] {
        &self.targets
    }

    pub(crate) fn target_of(&self, node: u32) -> u32 {
        self.target_of[node as usize]
    }

    pub(crate) fn is_read(&self, node: u32) -> bool {
        self.read[node as usize]
    }

    /// The calls that a target needs, ascending.
    pub(crate) fn cone(&self, target: u32) -> Cow<'_, [u32]> {
        if (target as usize) + 1 < self.cones.starts.len() {
            return Cow::Borrowed(self.cones.get(target as usize));
        }
        Cow::Owned(self.list_cone(target, &mut vec![NO_TARGET; self.len()]))
    }

    pub(crate) fn stratum(&self, stratum: usize) -> &[u32] {
        &self.strata[stratum]
    }
}

/// Returns whether a value is a number or a tuple of constants and primitives.
fn is_constant(value: &Value) -> bool {
    let is_primitive = |value: &Value| match value {
        Value::Func(function) => function.parts().is_empty(),
        _ => false,
    };
    let is_part = |value: Value| is_constant(&value) || is_primitive(&value);
    let are_parts = |mut members: Members<'_>| members.all(is_part);
    value.is_number() || value.is_tuple() && value.members().is_some_and(are_parts)
}

fn check(
    node: &Node,
    index: usize,
    resolve: &mut impl FnMut(&str) -> Option<Callee>,
) -> Result<Action, String> {
    for &arg in &node.args {
        if usize::try_from(arg).map_or(true, |arg| arg >= index) {
            return Err(format!("argument {arg} is not an earlier node"));
        }
    }
    let action = match node.op {
        Op::Input => Action::Input(match node.name.as_str() {
            "S" => Input::Samples,
            "I" => Input::Grid,
            "C" => Input::Compared,
            name => return Err(format!("no input is called '{name}'")),
        }),
        Op::Constant => match &node.value {
            Some(value) if is_constant(value) => Action::Constant(value.clone()),
            _ => {
                return Err(
                    "a constant is a number of 64 bits or a tuple of constants and primitives"
                        .into(),
                )
            }
        },
        Op::Invoke if node.args.is_empty() => return Err("a call needs a function".into()),
        Op::Invoke => Action::Invoke,
        Op::Function | Op::Call => {
            let Some(callee) = resolve(&node.name) else {
                return Err(format!("no primitive is called '{}'", node.name));
            };
            let (arity, got) = (callee.arity(), node.args.len());
            if node.op == Op::Function {
                Action::Function(callee)
            } else if got == arity {
                Action::Call(callee)
            } else {
                return Err(format!("{} takes {arity} arguments, got {got}", node.name));
            }
        }
    };
    if !node.args.is_empty() && !matches!(node.op, Op::Call | Op::Invoke) {
        return Err(format!(
            "a node of kind {} has no arguments",
            node.op.name()
        ));
    }
    Ok(action)
}

fn check_roots(roots: &[i64], nodes: usize) -> Result<Vec<u32>, GraphError> {
    let check = |&root: &i64| match usize::try_from(root) {
        Ok(place) if place < nodes => Ok(place as u32),
        _ => Err(GraphError {
            node: root,
            problem: "a root is not a node".into(),
        }),
    };
    roots.iter().map(check).collect()
}
