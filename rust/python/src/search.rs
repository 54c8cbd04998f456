//! Search from Python: the grammar, the problems, the solutions.

use std::time::Duration;

use arcbatt_core::expression::Step;
use arcbatt_core::search as core;
use arcbatt_core::search::{search_all, Limits, Roles, SearchOp, Turn, TypeId, ARITY_MAX};
use pyo3::prelude::*;

use super::convert::{from_value, to_value};
use super::counting::{Border, Crossing};
use super::enter::enter;
use super::error::{BorderError, Result};
use super::externals::resolve;

fn wrong(problem: String) -> BorderError {
    BorderError::Engine(problem)
}

/// A primitive at ground types, as search uses it.
#[pyclass(frozen, get_all, module = "arcbatt._engine")]
pub struct SearchProduction {
    name: String,
    parameters: Vec<TypeId>,
    result: TypeId,
    cost: u32,
    commutes: bool,
    barred: Vec<(usize, usize)>,
}

#[pymethods]
impl SearchProduction {
    #[new]
    #[pyo3(signature = (name, *, parameters, result, cost, commutes=false, barred=Vec::new()))]
    fn new(
        name: String,
        parameters: Vec<TypeId>,
        result: TypeId,
        cost: u32,
        commutes: bool,
        barred: Vec<(usize, usize)>,
    ) -> Self {
        Self {
            name,
            parameters,
            result,
            cost,
            commutes,
            barred,
        }
    }
}

impl SearchProduction {
    /// Checks the production of a grammar with so many productions and types.
    fn read(&self, py: Python<'_>, productions: usize, types: usize) -> Result<core::Production> {
        let wrong = |problem: &str| wrong(format!("{}: {problem}", self.name));
        let callee = resolve(py, &self.name)?.ok_or_else(|| wrong("no such primitive"))?;
        let arity = self.parameters.len();
        if arity != callee.arity() || !(1..=ARITY_MAX).contains(&arity) {
            return Err(wrong("a wrong number of parameters"));
        }
        let is_known = |&type_id: &TypeId| usize::from(type_id) < types;
        if !self.parameters.iter().all(is_known) || !is_known(&self.result) {
            return Err(wrong("a type beyond the last"));
        }
        if self.cost == 0 {
            return Err(wrong("a production has to cost something"));
        }
        if self.barred.iter().any(|&(_, inner)| inner >= productions) {
            return Err(wrong("an identity with a production beyond the last"));
        }
        Ok(core::Production {
            callee,
            parameters: self.parameters.as_slice().into(),
            result: self.result,
            cost: self.cost,
            commutes: self.commutes,
            barred: self.barred.clone(),
        })
    }
}

/// All productions with their costs, the same for all tasks.
#[pyclass(frozen, module = "arcbatt._engine")]
pub struct SearchGrammar(core::Grammar);

#[pymethods]
impl SearchGrammar {
    #[new]
    #[pyo3(signature = (productions, *, caps, grid, object, indices, color))]
    fn new(
        py: Python<'_>,
        productions: Vec<Bound<'_, SearchProduction>>,
        caps: Vec<u32>,
        grid: TypeId,
        object: TypeId,
        indices: TypeId,
        color: TypeId,
    ) -> Result<Self> {
        let types = caps.len();
        let roles = [grid, object, indices, color];
        if roles.iter().any(|&role| usize::from(role) >= types) {
            return Err(wrong("a role for a type beyond the last".into()));
        }
        let count = productions.len();
        let productions = productions
            .iter()
            .map(|one| one.get().read(py, count, types))
            .collect::<Result<_>>()?;
        Ok(Self(core::Grammar {
            productions,
            caps,
            roles: Roles {
                grid,
                object,
                indices,
                color,
            },
        }))
    }

    /// Count the productions.
    fn __len__(&self) -> usize {
        self.0.productions.len()
    }
}

/// The limits of the search for one task.
#[pyclass(frozen, get_all, module = "arcbatt._engine")]
pub struct SearchLimits {
    evaluations: u64,
    seconds: Option<f64>,
    bytes: usize,
    node_fuel: u64,
    value_leaves: u64,
    layers: usize,
    beam: usize,
    solutions: usize,
    slack: u32,
}

// Python gives arguments by name.
#[allow(clippy::too_many_arguments)]
#[pymethods]
impl SearchLimits {
    #[new]
    #[pyo3(signature = (
        *, evaluations, seconds=None, bytes, node_fuel, value_leaves, layers, beam, solutions, slack
    ))]
    fn new(
        evaluations: u64,
        seconds: Option<f64>,
        bytes: usize,
        node_fuel: u64,
        value_leaves: u64,
        layers: usize,
        beam: usize,
        solutions: usize,
        slack: u32,
    ) -> Result<Self> {
        if seconds.is_some_and(|seconds| seconds.is_nan() || seconds < 0.0) {
            return Err(wrong("seconds must not be negative".into()));
        }
        Ok(Self {
            evaluations,
            seconds,
            bytes,
            node_fuel,
            value_leaves,
            layers,
            beam,
            solutions,
            slack,
        })
    }
}

impl SearchLimits {
    fn read(&self) -> Limits {
        // What is too long for a duration is no bound.
        let time = |seconds| Duration::try_from_secs_f64(seconds).ok();
        Limits {
            evaluations: self.evaluations,
            time: self.seconds.and_then(time),
            bytes: self.bytes,
            node_fuel: self.node_fuel,
            value_leaves: self.value_leaves,
            layers: self.layers,
            beam: self.beam,
            solutions: self.solutions,
            slack: self.slack,
        }
    }
}

/// An expression that is given to a search: an input, a constant, a primitive as a value.
#[pyclass(frozen, module = "arcbatt._engine")]
pub struct SearchTerminal(core::Terminal);

#[pymethods]
impl SearchTerminal {
    #[new]
    #[pyo3(signature = (type_id, *, cost, values, is_samples=false))]
    fn new(
        type_id: TypeId,
        cost: u32,
        values: Vec<Bound<'_, PyAny>>,
        is_samples: bool,
    ) -> Result<Self> {
        let _crossing = Crossing::begin(Border::Values);
        let values = values.iter().map(to_value).collect::<Result<_>>()?;
        Ok(Self(core::Terminal {
            type_id,
            cost,
            values,
            is_samples,
        }))
    }
}

/// What to search for: terminals, the wanted grids, and the limits.
#[pyclass(frozen, module = "arcbatt._engine")]
pub struct SearchProblem {
    problem: core::Problem,
    limits: Limits,
    group: usize,
    is_optional: bool,
    sure_cost: u32,
}

#[pymethods]
impl SearchProblem {
    #[new]
    #[pyo3(signature = (
        terminals, wanted, limits, *, group=0, is_optional=false, sure_cost=0
    ))]
    fn new(
        terminals: Vec<Bound<'_, SearchTerminal>>,
        wanted: Vec<Bound<'_, PyAny>>,
        limits: &Bound<'_, SearchLimits>,
        group: usize,
        is_optional: bool,
        sure_cost: u32,
    ) -> Result<Self> {
        let _crossing = Crossing::begin(Border::Values);
        let wanted: Vec<_> = wanted.iter().map(to_value).collect::<Result<_>>()?;
        if wanted.is_empty() || wanted.iter().any(|value| value.as_grid().is_none()) {
            return Err(wrong("expected a wanted grid for each demo".into()));
        }
        let terminals: Vec<core::Terminal> =
            terminals.iter().map(|one| one.get().0.clone()).collect();
        let samples = terminals
            .first()
            .map_or(wanted.len(), |one| one.values.len());
        if terminals.iter().any(|one| one.values.len() != samples) {
            return Err(wrong("terminals with different numbers of values".into()));
        }
        if samples < wanted.len() {
            return Err(wrong("fewer values than wanted grids".into()));
        }
        Ok(Self {
            problem: core::Problem {
                terminals,
                wanted,
                samples,
            },
            limits: limits.get().read(),
            group,
            is_optional,
            sure_cost,
        })
    }
}

/// One step of a solution, after those that it takes.
#[pyclass(frozen, get_all, module = "arcbatt._engine")]
pub struct SolutionStep {
    kind: &'static str,
    number: u32,
    args: Vec<u32>,
}

impl SolutionStep {
    fn write(step: &Step<SearchOp>) -> Self {
        let (kind, number) = match step.op {
            SearchOp::Terminal(number) => ("terminal", number),
            SearchOp::Production(number) => ("production", number),
            SearchOp::Overlay => ("overlay", 0),
            SearchOp::Underlay => ("underlay", 0),
            SearchOp::Paint => ("paint", 0),
            SearchOp::Fill => ("fill", 0),
        };
        Self {
            kind,
            number,
            args: step.args.to_vec(),
        }
    }
}

/// An expression whose values are the wanted grids on all demos.
#[pyclass(frozen, module = "arcbatt._engine")]
pub struct Solution(core::Solution);

#[pymethods]
impl Solution {
    /// The steps; the last one is the result.
    #[getter]
    fn steps(&self) -> Vec<SolutionStep> {
        let steps = self.0.steps.iter();
        steps.map(SolutionStep::write).collect()
    }

    /// Bits of description.
    #[getter]
    fn cost(&self) -> u32 {
        self.0.cost
    }

    /// Pictures that lie over each other, 1 for a single state.
    #[getter]
    fn layers(&self) -> usize {
        self.0.layers
    }

    /// Ways that were found to the same outputs on all samples.
    #[getter]
    fn derivations(&self) -> u32 {
        self.0.derivations
    }

    /// The outputs on the test inputs.
    #[getter]
    fn outputs<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let _crossing = Crossing::begin(Border::Values);
        let outputs = self.0.outputs.iter();
        outputs.map(|output| from_value(py, output)).collect()
    }

    /// Demos that it does not predict when S lacks them.
    #[getter]
    fn missed(&self) -> usize {
        self.0.missed
    }
}

/// The result of the search for one task.
#[pyclass(frozen, get_all, module = "arcbatt._engine")]
pub struct SearchOutcome {
    solutions: Vec<Py<Solution>>,
    stop: &'static str,
    evaluations: u64,
    states: usize,
    values: usize,
    layers: usize,
    level: u32,
    nearness: f64,
    bytes: usize,
    nanoseconds: u64,
}

impl SearchOutcome {
    fn write(py: Python<'_>, searched: core::Searched) -> PyResult<Self> {
        let solutions = searched.solutions.into_iter();
        Ok(Self {
            solutions: solutions
                .map(|solution| Py::new(py, Solution(solution)))
                .collect::<PyResult<_>>()?,
            stop: searched.stop.name(),
            evaluations: searched.evaluations,
            states: searched.states,
            values: searched.values,
            layers: searched.layers,
            level: searched.level,
            nearness: searched.nearness,
            bytes: searched.bytes,
            nanoseconds: searched.nanoseconds,
        })
    }
}

/// Search for expressions that give the wanted grids on all demos.
#[pyfunction]
#[pyo3(signature = (grammar, problems, *, threads=1))]
pub fn search(
    py: Python<'_>,
    grammar: &Bound<'_, SearchGrammar>,
    problems: Vec<Bound<'_, SearchProblem>>,
    threads: usize,
) -> Result<Vec<Option<SearchOutcome>>> {
    let grammar = &grammar.get().0;
    for (number, problem) in problems.iter().enumerate() {
        let mut terminals = problem.get().problem.terminals.iter();
        let types = grammar.caps.len();
        if terminals.any(|one| usize::from(one.type_id) >= types || one.cost == 0) {
            return Err(wrong(format!(
                "problem {number}: a terminal with a wrong type or cost"
            )));
        }
    }
    let turns: Vec<_> = problems
        .iter()
        .map(|one| one.get())
        .map(|one| Turn {
            problem: &one.problem,
            limits: &one.limits,
            group: one.group,
            is_optional: one.is_optional,
            sure_cost: one.sure_cost,
        })
        .collect();
    let searched = enter(py, |surroundings| {
        search_all(grammar, &turns, threads, surroundings.cancel)
    })??;
    let outcomes = searched.into_iter();
    Ok(outcomes
        .map(|one| one.map(|one| SearchOutcome::write(py, one)).transpose())
        .collect::<PyResult<_>>()?)
}
