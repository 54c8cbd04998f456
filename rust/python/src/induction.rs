//! Induction from Python: what to learn, and the rules that were learnt.

use arcbatt_core::evaluate::Settings;
use arcbatt_core::induction as core;
use pyo3::prelude::*;

use super::cases::CaseReader;
use super::convert::from_value;
use super::counting::{Border, Crossing};
use super::enter::enter;
use super::error::{BorderError, Result};
use super::graph::Graph;

/// What to learn: a learner, the features that rules may be about, and the samples.
#[pyclass(frozen, module = "arcbatt._engine")]
pub struct InductionProblem {
    learner: &'static dyn core::Learner,
    graph: Py<Graph>,
    features: Vec<(core::Kind, u32)>,
    cases: Py<PyAny>,
}

#[pymethods]
impl InductionProblem {
    #[new]
    #[pyo3(signature = (learner, graph, cases, *, kinds, bits))]
    fn new(
        learner: &str,
        graph: Py<Graph>,
        cases: Py<PyAny>,
        kinds: Vec<String>,
        bits: Vec<u32>,
    ) -> Result<Self> {
        let wrong = |problem: String| BorderError::Engine(problem);
        let learner = core::learner(learner)
            .ok_or_else(|| wrong(format!("no learner is called '{learner}'")))?;
        let kinds = kinds.iter().map(|name| {
            core::Kind::from_name(name).ok_or_else(|| wrong(format!("no kind is called '{name}'")))
        });
        let kinds = kinds.collect::<Result<Vec<_>>>()?;
        let roots = graph.get().shared().roots().len();
        if kinds.len() != roots || bits.len() != roots {
            return Err(wrong("a kind and bits for each root are needed".into()));
        }
        Ok(Self {
            learner,
            graph,
            features: kinds.into_iter().zip(bits).collect(),
            cases,
        })
    }
}

/// A rule that makes the wanted grids of all demos.
#[pyclass(frozen, get_all, module = "arcbatt._engine")]
pub struct LearntRule {
    literal: Py<PyAny>,
    features: Vec<usize>,
    bits: u32,
    missed: usize,
}

impl LearntRule {
    fn write(py: Python<'_>, learnt: core::Learnt) -> PyResult<Self> {
        let _crossing = Crossing::begin(Border::Values);
        Ok(Self {
            literal: from_value(py, &learnt.rule.literal)?.unbind(),
            features: learnt.rule.features,
            bits: learnt.rule.bits,
            missed: learnt.missed,
        })
    }
}

/// Learn rules for each problem.
#[pyfunction]
#[pyo3(signature = (problems, *, node_fuel, value_leaves, threads=1))]
pub fn induce(
    py: Python<'_>,
    problems: Vec<Bound<'_, InductionProblem>>,
    node_fuel: u64,
    value_leaves: u64,
    threads: usize,
) -> Result<Vec<Vec<LearntRule>>> {
    let settings = Settings {
        node_fuel,
        value_leaves,
        total_leaves: u64::MAX,
        kept_bytes: usize::MAX,
        case_time: None,
        threads,
        keep_outputs: true,
    };
    let crossing = Crossing::begin(Border::Cases);
    let mut reader = CaseReader::default();
    let problems = problems
        .iter()
        .map(|problem| problem.get())
        .enumerate()
        .map(|(number, problem)| {
            Ok(core::Problem {
                learner: problem.learner,
                graph: problem.graph.get().shared(),
                features: problem.features.clone(),
                cases: reader.read_all(number, problem.cases.bind(py))?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    drop(reader);
    drop(crossing);
    let learnt = enter(py, |surroundings| {
        core::induce(&problems, &settings, surroundings.cancel)
    })??;
    let rules = learnt.into_iter().map(|rules| {
        let rules = rules.into_iter().map(|rule| LearntRule::write(py, rule));
        rules.collect::<PyResult<_>>()
    });
    Ok(rules.collect::<PyResult<_>>()?)
}
