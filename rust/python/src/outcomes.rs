//! The results of one job, kept in Rust until Python reads them.

use std::sync::Arc;

use arcbatt_core::evaluate::{CaseOutcome, NodeFailure, RootOutcome};
use arcbatt_core::graph::Graph;
use arcbatt_core::{Failure, FailureKind, Value};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use super::convert::from_value;
use super::counting::{Border, Crossing};
use super::error::{BorderError, Result};

/// A failed call, as Python sees it.
#[pyclass(frozen, get_all, module = "arcbatt._engine")]
pub struct NativeFailure {
    kind: &'static str,
    node: u32,
    primitive: String,
    detail: String,
}

impl NativeFailure {
    /// Writes the failure of a node.
    pub fn of_node(py: Python<'_>, graph: &Graph, failed: &NodeFailure) -> PyResult<Py<Self>> {
        let failure = Self {
            kind: failed.failure.kind.name(),
            node: failed.node,
            primitive: graph.name(failed.node as usize).to_owned(),
            detail: failed.failure.detail.to_owned(),
        };
        Py::new(py, failure)
    }

    /// Writes the failure of a single call.
    pub fn of_call(py: Python<'_>, primitive: &str, failure: Failure) -> PyResult<Py<Self>> {
        let failure = Self {
            kind: failure.kind.name(),
            node: 0,
            primitive: primitive.to_owned(),
            detail: failure.detail.to_owned(),
        };
        Py::new(py, failure)
    }
}

/// The value of a call, or its failure, with the fuel and the time that it took.
#[pyclass(frozen, get_all, module = "arcbatt._engine")]
pub struct NativeCall {
    /// None for a failure.
    pub value: Option<Py<PyAny>>,
    pub failure: Option<Py<NativeFailure>>,
    pub fuel: u64,
    pub nanoseconds: u64,
}

/// What a root did on a case.
#[pyclass(frozen, get_all, module = "arcbatt._engine")]
pub struct NativeOutcome {
    failure: Option<Py<NativeFailure>>,
    digest: u128,
    score: u16,
    fuel: u64,
    nanoseconds: u64,
}

/// Rows and columns that a grid of ARC may have.
const ARC_SIDE_MAX: usize = 30;
/// Colours of a grid of ARC.
const ARC_COLORS: std::ops::RangeInclusive<i8> = 0..=9;

/// A grid that stays in Rust, to be a part of a case.
#[pyclass(frozen, module = "arcbatt._engine")]
pub struct HeldGrid {
    value: Value,
}

impl HeldGrid {
    /// The grid.
    pub fn value(&self) -> &Value {
        &self.value
    }
}

/// What all roots of a graph did on all cases of a job.
#[pyclass(frozen, module = "arcbatt._engine")]
pub struct Outcomes {
    graph: Arc<Graph>,
    cases: Vec<CaseOutcome>,
}

impl Outcomes {
    /// Takes the results of a job.
    pub fn new(graph: Arc<Graph>, cases: Vec<CaseOutcome>) -> Self {
        Self { graph, cases }
    }

    fn case(&self, case: usize) -> Result<&CaseOutcome> {
        self.cases
            .get(case)
            .ok_or_else(|| BorderError::Index(format!("there is no case {case}")))
    }

    fn of_root(&self, case: usize, root: usize) -> Result<(&CaseOutcome, &RootOutcome)> {
        let case = self.case(case)?;
        let outcome = case.roots.get(root);
        Ok((
            case,
            outcome.ok_or_else(|| BorderError::Index(format!("there is no root {root}")))?,
        ))
    }

    fn column<'py, T: IntoPyObject<'py>>(
        &self,
        py: Python<'py>,
        case: usize,
        read: impl Fn(&RootOutcome) -> T,
    ) -> Result<Bound<'py, PyList>> {
        let _crossing = Crossing::begin(Border::Results);
        Ok(PyList::new(py, self.case(case)?.roots.iter().map(read))?)
    }

    fn kept(&self, case: usize, root: usize) -> Result<&Value> {
        let (case, _) = self.of_root(case, root)?;
        match case.outputs.get(root) {
            Some(None) if case.failure(root).is_some() => {
                Err(BorderError::Absent("the root failed"))
            }
            None | Some(None) => Err(BorderError::Absent("the output was not kept")),
            Some(Some(value)) => Ok(value),
        }
    }
}

#[pymethods]
impl Outcomes {
    /// Count the cases.
    fn __len__(&self) -> usize {
        self.cases.len()
    }

    /// Count the roots.
    #[getter]
    fn roots(&self) -> usize {
        self.graph.roots().len()
    }

    /// Read the time that each case took.
    #[getter]
    fn nanoseconds(&self) -> Vec<u64> {
        self.cases.iter().map(|case| case.nanoseconds).collect()
    }

    /// Read what a root did on a case.
    fn outcome(&self, py: Python<'_>, case: usize, root: usize) -> Result<NativeOutcome> {
        let _crossing = Crossing::begin(Border::Results);
        let (of_case, outcome) = self.of_root(case, root)?;
        let failure = of_case
            .failure(root)
            .map(|failed| NativeFailure::of_node(py, &self.graph, failed));
        Ok(NativeOutcome {
            failure: failure.transpose()?,
            digest: outcome.digest,
            score: outcome.score,
            fuel: outcome.fuel,
            nanoseconds: outcome.nanoseconds,
        })
    }

    /// Read the scores of all roots on a case.
    fn scores<'py>(&self, py: Python<'py>, case: usize) -> Result<Bound<'py, PyList>> {
        self.column(py, case, |root| root.score)
    }

    /// Read the digests of all roots on a case.
    fn digests<'py>(&self, py: Python<'py>, case: usize) -> Result<Bound<'py, PyList>> {
        self.column(py, case, |root| root.digest)
    }

    /// List the roots that ran out of fuel or time on a case.
    fn exhausted(&self, case: usize) -> Result<Vec<usize>> {
        let _crossing = Crossing::begin(Border::Results);
        let case = self.case(case)?;
        let ran_out = |root: &usize| {
            case.failure(*root).is_some_and(|failed| {
                matches!(
                    failed.failure.kind,
                    FailureKind::Fuel | FailureKind::Deadline
                )
            })
        };
        Ok((0..case.roots.len()).filter(ran_out).collect())
    }

    /// Read the fuel of all roots on a case.
    fn fuel<'py>(&self, py: Python<'py>, case: usize) -> Result<Bound<'py, PyList>> {
        self.column(py, case, |root| root.fuel)
    }

    /// Read the nanoseconds of all roots on a case.
    fn times<'py>(&self, py: Python<'py>, case: usize) -> Result<Bound<'py, PyList>> {
        self.column(py, case, |root| root.nanoseconds)
    }

    /// Read the numbers that the roots returned on a case, or began a tuple with.
    fn numbers<'py>(&self, py: Python<'py>, case: usize) -> Result<Bound<'py, PyList>> {
        let _crossing = Crossing::begin(Border::Results);
        let case = self.case(case)?;
        let outputs = &case.outputs;
        let is_kept = |root: usize| outputs[root].is_some() || case.failure(root).is_some();
        if outputs.len() != case.roots.len() || !(0..outputs.len()).all(is_kept) {
            return Err(BorderError::Absent("outputs were not kept"));
        }
        let number = |kept: &Option<Value>| leading_number(kept.as_ref()?);
        Ok(PyList::new(py, outputs.iter().map(number))?)
    }

    /// Read the kept value of a root on a case.
    fn output<'py>(&self, py: Python<'py>, case: usize, root: usize) -> Result<Bound<'py, PyAny>> {
        let _crossing = Crossing::begin(Border::Values);
        Ok(from_value(py, self.kept(case, root)?)?)
    }

    /// Hold the kept value of a root on a case, if it is a grid of ARC.
    fn held_grid(&self, case: usize, root: usize) -> Result<Option<HeldGrid>> {
        let _crossing = Crossing::begin(Border::Values);
        let value = self.kept(case, root)?;
        let is_of_arc = value.as_grid().is_some_and(|grid| {
            (1..=ARC_SIDE_MAX).contains(&grid.height())
                && (1..=ARC_SIDE_MAX).contains(&grid.width())
                && grid.cells().iter().all(|cell| ARC_COLORS.contains(cell))
        });
        Ok(is_of_arc.then(|| HeldGrid {
            value: value.clone(),
        }))
    }

    /// Read the kept value of a root on a case as height, width and one byte a cell.
    fn pixels<'py>(
        &self,
        py: Python<'py>,
        case: usize,
        root: usize,
    ) -> Result<Option<(usize, usize, Bound<'py, PyBytes>)>> {
        let _crossing = Crossing::begin(Border::Values);
        let Some(grid) = self.kept(case, root)?.as_grid() else {
            return Ok(None);
        };
        let cells = grid.cells().iter().map(|&cell| u8::try_from(cell));
        let Ok(cells) = cells.collect::<std::result::Result<Vec<u8>, _>>() else {
            return Ok(None);
        };
        Ok(Some((
            grid.height(),
            grid.width(),
            PyBytes::new(py, &cells),
        )))
    }
}

/// Returns a number, or the number that a tuple begins with.
fn leading_number(value: &Value) -> Option<i64> {
    if value.is_tuple() {
        return value.members()?.next()?.number();
    }
    value.number()
}
