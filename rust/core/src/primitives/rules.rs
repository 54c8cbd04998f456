//! Primitives that apply a rule, which is a literal, to the values of some expressions.

use super::connected_components::check_cells;
use super::shapes_fields::like;
use super::table::primitives;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::value::{Grid, Value};

primitives! {
    by_tree(planes, tree) = by_tree;
}

/// Decisions and leaves that a tree may have.
const NODES: usize = 200;
/// Decisions on the longest way through a tree, at most.
const DEPTH: usize = 20;

/// A tree whose decisions are checked.
enum Tree {
    Color(i8),
    Plane(usize),
    Decision {
        plane: usize,
        low: i64,
        high: i64,
        yes: Box<Tree>,
        no: Box<Tree>,
    },
}

impl Tree {
    /// Reads a tree over so many planes; counts down the nodes that it may have.
    fn read(value: &Value, planes: usize, depth: usize, nodes: &mut usize) -> Outcome<Self> {
        *nodes = nodes
            .checked_sub(1)
            .ok_or(Failure::argument("expected a smaller tree"))?;
        if let Some(color) = value.number() {
            let color = i8::try_from(color)
                .ok()
                .filter(|color| (0..10).contains(color));
            return Ok(Self::Color(
                color.ok_or(Failure::argument("expected a colour in 0..9"))?,
            ));
        }
        let members: Vec<Value> = arguments::tuple(value)?.collect();
        let plane = |value: &Value| {
            let number = usize::try_from(arguments::number(value)?).ok();
            let known = number.filter(|&number| number < planes);
            known.ok_or(Failure::argument("expected the number of a plane"))
        };
        match members.as_slice() {
            [number] => Ok(Self::Plane(plane(number)?)),
            [number, low, high, yes, no] if depth > 0 => Ok(Self::Decision {
                plane: plane(number)?,
                low: arguments::number(low)?,
                high: arguments::number(high)?,
                yes: Box::new(Self::read(yes, planes, depth - 1, nodes)?),
                no: Box::new(Self::read(no, planes, depth - 1, nodes)?),
            }),
            _ => Err(Failure::argument("expected a leaf or a decision")),
        }
    }

    fn decide(&self, number: impl Fn(usize) -> i8) -> i8 {
        let mut tree = self;
        loop {
            match tree {
                Self::Color(color) => return *color,
                Self::Plane(plane) => return number(*plane),
                Self::Decision {
                    plane,
                    low,
                    high,
                    yes,
                    no,
                } => {
                    let is_in = (*low..=*high).contains(&number(*plane).into());
                    tree = if is_in { yes } else { no };
                }
            }
        }
    }
}

fn by_tree([planes, tree]: [&Value; 2]) -> Outcome<Value> {
    let planes: Vec<Value> = arguments::tuple(planes)?.collect();
    let planes: Vec<&Grid> = planes.iter().map(check_cells).collect::<Outcome<_>>()?;
    let Some(first) = planes.first() else {
        return Err(Failure::argument("expected a plane"));
    };
    let shape = |grid: &Grid| (grid.height(), grid.width());
    if planes.iter().any(|plane| shape(plane) != shape(first)) {
        return Err(Failure::argument("expected planes of one shape"));
    }
    let tree = Tree::read(tree, planes.len(), DEPTH, &mut NODES.clone())?;
    let cells =
        (0..first.cells().len()).map(|cell| tree.decide(|plane| planes[plane].cells()[cell]));
    Ok(like(first, cells.collect()))
}
