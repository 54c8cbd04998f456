//! Search from Python: the table of moves, the problems, what was found.

use std::time::Duration;

use arcbatt_core::search::{
    search_all, Action, Expression, Leaf, Limits, Move, Part, Problem, Roles, Searched, Step,
    Table, TypeId, ARITY_MAX,
};
use pyo3::prelude::*;

use super::convert::to_value;
use super::enter::enter;
use super::error::{BorderError, Result};
use super::externals::resolve;

type MoveRow = (String, Vec<TypeId>, TypeId, u32, bool, Vec<(usize, usize)>);
type PartRow<'py> = (String, Vec<usize>, Option<Bound<'py, PyAny>>);
type FunctionRow<'py> = (String, Vec<PartRow<'py>>, Vec<TypeId>, TypeId, u32);
type LeafRow<'py> = (TypeId, u32, Vec<Bound<'py, PyAny>>);
type ProblemRow<'py> = (Vec<LeafRow<'py>>, Vec<Bound<'py, PyAny>>, u64, Option<f64>);
type StepRow = (&'static str, Vec<u32>);
type SolutionRow = (Vec<StepRow>, u32, usize, u32);
type SearchedRow = (
    Vec<SolutionRow>,
    &'static str,
    (u64, usize, usize, usize, u32, usize, u64),
);

/// What search may do, the same for all tasks.
#[pyclass(frozen, module = "arcbatt._engine")]
pub struct MoveTable(Table);

#[pymethods]
impl MoveTable {
    #[new]
    #[pyo3(signature = (moves, *, functions=Vec::new(), caps, roles))]
    fn new(
        py: Python<'_>,
        moves: Vec<MoveRow>,
        functions: Vec<FunctionRow<'_>>,
        caps: Vec<u32>,
        roles: (TypeId, TypeId, TypeId, TypeId),
    ) -> Result<Self> {
        let (count, types) = (moves.len(), caps.len());
        let is_known = |&type_id: &TypeId| usize::from(type_id) < types;
        let mut moves = moves
            .into_iter()
            .map(|(name, parameters, result, cost, commutes, barred)| {
                let wrong = |problem: &str| BorderError::Engine(format!("{name}: {problem}"));
                let callee = resolve(py, &name)?.ok_or_else(|| wrong("no such primitive"))?;
                if parameters.len() != callee.arity()
                    || parameters.is_empty()
                    || parameters.len() > ARITY_MAX
                {
                    return Err(wrong("a wrong number of parameters"));
                }
                if !parameters.iter().all(is_known) || !is_known(&result) {
                    return Err(wrong("a type beyond the last"));
                }
                if cost == 0 {
                    return Err(wrong("a move has to cost something"));
                }
                if barred.iter().any(|&(_, inner)| inner >= count) {
                    return Err(wrong("an identity with a move beyond the last"));
                }
                Ok(Move {
                    action: Action::Call(callee),
                    parameters: parameters.into(),
                    result,
                    cost,
                    commutes,
                    barred,
                })
            })
            .collect::<Result<Vec<Move>>>()?;
        for (name, parts, parameters, result, cost) in functions {
            let wrong = |problem: &str| BorderError::Engine(format!("{name}: {problem}"));
            if parameters.is_empty() || parameters.len() > ARITY_MAX {
                return Err(wrong("a wrong number of parameters"));
            }
            if !parameters.iter().all(is_known) || !is_known(&result) {
                return Err(wrong("a type beyond the last"));
            }
            if cost == 0 {
                return Err(wrong("a move has to cost something"));
            }
            moves.push(Move {
                action: read_function(py, &name, parts, parameters.len())?,
                parameters: parameters.into(),
                result,
                cost,
                commutes: false,
                barred: Vec::new(),
            });
        }
        let (grid, object, indices, color) = roles;
        if [grid, object, indices, color]
            .iter()
            .any(|&role| usize::from(role) >= types)
        {
            return Err(BorderError::Engine(
                "a role for a type beyond the last".into(),
            ));
        }
        Ok(Self(Table {
            moves,
            caps,
            roles: Roles {
                grid,
                object,
                indices,
                color,
            },
        }))
    }

    /// Count the moves.
    fn __len__(&self) -> usize {
        self.0.moves.len()
    }
}

/// Reads the steps of a function: an argument has no name and one place, a value no place.
fn read_function(
    py: Python<'_>,
    name: &str,
    parts: Vec<PartRow<'_>>,
    arity: usize,
) -> Result<Action> {
    let wrong = |problem: &str| BorderError::Engine(format!("{name}: {problem}"));
    let mut read: Vec<Part> = Vec::with_capacity(parts.len());
    for (called, places, value) in parts {
        let part = match (called.as_str(), &places[..], value) {
            ("", &[place], None) if place < arity => Part::Argument(place),
            ("", &[], Some(value)) => Part::Given(to_value(&value)?),
            ("", ..) => return Err(wrong("a step that is neither argument nor value")),
            (called, _, None) => {
                let callee = resolve(py, called)?
                    .ok_or_else(|| wrong(&format!("{called} is no primitive")))?;
                if callee.arity() != places.len() || places.iter().any(|&one| one >= read.len()) {
                    return Err(wrong(&format!("{called} has wrong arguments")));
                }
                Part::Call(callee, places)
            }
            _ => return Err(wrong("a call with a value")),
        };
        read.push(part);
    }
    if !matches!(read.last(), Some(Part::Call(..))) {
        return Err(wrong("a function that ends without a call"));
    }
    Ok(Action::Function(read))
}

fn read_problem(
    table: &Table,
    number: usize,
    row: ProblemRow<'_>,
    limits: Limits,
) -> Result<(Problem, Limits)> {
    let wrong = |problem: &str| BorderError::Engine(format!("problem {number}: {problem}"));
    let (leaves, wanted, nodes, seconds) = row;
    if seconds.is_some_and(|seconds| seconds.is_nan() || seconds < 0.0) {
        return Err(wrong("seconds must not be negative"));
    }
    let wanted = wanted.iter().map(to_value).collect::<Result<Vec<_>>>()?;
    if wanted.is_empty() || wanted.iter().any(|value| value.as_grid().is_none()) {
        return Err(wrong("expected a wanted grid for each demo"));
    }
    let mut samples = None;
    let leaves = leaves
        .into_iter()
        .map(|(type_id, cost, values)| {
            let values = values.iter().map(to_value).collect::<Result<Vec<_>>>()?;
            if usize::from(type_id) >= table.caps.len() || cost == 0 {
                return Err(wrong("a leaf with a wrong type or cost"));
            }
            if *samples.get_or_insert(values.len()) != values.len() {
                return Err(wrong("leaves with different numbers of values"));
            }
            Ok(Leaf {
                type_id,
                cost,
                values,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let samples = samples.unwrap_or(wanted.len());
    if samples < wanted.len() {
        return Err(wrong("fewer values than wanted grids"));
    }
    let limits = Limits {
        nodes,
        // What is too long for a duration is no bound.
        time: seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        ..limits
    };
    let problem = Problem {
        leaves,
        wanted,
        samples,
    };
    Ok((problem, limits))
}

fn step_row(step: &Step) -> StepRow {
    match step {
        Step::Leaf(number) => ("leaf", vec![*number]),
        Step::Move(number, args) => {
            let mut row = vec![*number];
            row.extend(args);
            ("move", row)
        }
        Step::Overlay(below, over) => ("overlay", vec![*below, *over]),
        Step::Underlay(below, over) => ("underlay", vec![*below, *over]),
        Step::Paint(below, object) => ("paint", vec![*below, *object]),
        Step::Fill(below, color, locations) => ("fill", vec![*below, *color, *locations]),
    }
}

fn steps(expression: &Expression) -> Vec<StepRow> {
    expression.steps.iter().map(step_row).collect()
}

fn searched_row(searched: Searched) -> SearchedRow {
    let solutions = searched
        .solutions
        .iter()
        .map(|one| {
            (
                steps(&one.expression),
                one.cost,
                one.layers,
                one.derivations,
            )
        })
        .collect();
    let counts = (
        searched.nodes,
        searched.states,
        searched.values,
        searched.layers,
        searched.level,
        searched.bytes,
        searched.nanoseconds,
    );
    (solutions, searched.stop.name(), counts)
}

/// Search for expressions that give the wanted grids on all demos.
#[pyfunction]
#[pyo3(signature = (
    table, problems, *, bytes, node_fuel, value_leaves, layers, beam, solutions, slack, threads=1
))]
#[allow(clippy::too_many_arguments)]
pub fn search(
    py: Python<'_>,
    table: &Bound<'_, MoveTable>,
    problems: Vec<ProblemRow<'_>>,
    bytes: usize,
    node_fuel: u64,
    value_leaves: u64,
    layers: usize,
    beam: usize,
    solutions: usize,
    slack: u32,
    threads: usize,
) -> Result<Vec<SearchedRow>> {
    let table = &table.get().0;
    let limits = Limits {
        nodes: 0,
        time: None,
        bytes,
        node_fuel,
        value_leaves,
        layers,
        beam,
        solutions,
        slack,
    };
    let problems = problems
        .into_iter()
        .enumerate()
        .map(|(number, row)| read_problem(table, number, row, limits))
        .collect::<Result<Vec<_>>>()?;
    let searched = enter(py, |surroundings| {
        search_all(table, &problems, threads, surroundings.cancel)
    })??;
    Ok(searched.into_iter().map(searched_row).collect())
}
