//! What goes wrong at the border, and the exceptions that Python gets for it.

use arcbatt_core::evaluate::Cancelled;
use arcbatt_core::graph::GraphError;
use arcbatt_core::Failure;
use pyo3::exceptions::{PyIndexError, PyKeyboardInterrupt, PyLookupError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Every way in which a call into this module can fail.
#[derive(Debug)]
pub enum BorderError {
    /// A graph that no program can have.
    Graph(GraphError),
    /// A grid or samples of a case that have another form.
    Case {
        place: String,
        expected: &'static str,
        got: String,
    },
    /// A Python object that is no value of the language.
    Value(Failure),
    /// A wrong argument, or a bug of the engine.
    Engine(String),
    /// There is no such case or root.
    Index(String),
    /// A root has no value.
    Absent(&'static str),
    /// Someone stopped the work.
    Cancelled,
    /// An exception that Python code raised.
    Python(PyErr),
}

pub type Result<T> = std::result::Result<T, BorderError>;

impl From<PyErr> for BorderError {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

impl From<GraphError> for BorderError {
    fn from(error: GraphError) -> Self {
        Self::Graph(error)
    }
}

impl From<Cancelled> for BorderError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl From<BorderError> for PyErr {
    fn from(error: BorderError) -> Self {
        Python::attach(|py| {
            let context = PyDict::new(py);
            let filled = |items: &[(&str, Bound<'_, PyAny>)]| {
                items
                    .iter()
                    .try_for_each(|(name, item)| context.set_item(name, item))
            };
            let text = |text: &str| text.into_pyobject(py).map(Bound::into_any);
            let raised = (|| -> PyResult<PyErr> {
                let class = match &error {
                    BorderError::Graph(GraphError { node, problem }) => {
                        let node = node.into_pyobject(py)?.into_any();
                        filled(&[("node", node), ("problem", text(problem)?)])?;
                        "GraphError"
                    }
                    BorderError::Case {
                        place,
                        expected,
                        got,
                    } => {
                        filled(&[
                            ("where", text(place)?),
                            ("expected", text(expected)?),
                            ("got", text(got)?),
                        ])?;
                        "TaskError"
                    }
                    BorderError::Value(failure) => {
                        filled(&[
                            ("engine", text("native")?),
                            ("problem", text(failure.detail)?),
                        ])?;
                        "EngineError"
                    }
                    BorderError::Engine(problem) => {
                        filled(&[("engine", text("native")?), ("problem", text(problem)?)])?;
                        "EngineError"
                    }
                    BorderError::Index(problem) => {
                        return Ok(PyIndexError::new_err(problem.clone()))
                    }
                    BorderError::Absent(problem) => return Ok(PyLookupError::new_err(*problem)),
                    BorderError::Cancelled => return Ok(PyKeyboardInterrupt::new_err(())),
                    BorderError::Python(error) => return Ok(error.clone_ref(py)),
                };
                let class = py.import("arcbatt.errors")?.getattr(class)?;
                Ok(PyErr::from_value(class.call((), Some(&context))?))
            })();
            raised.unwrap_or_else(|problem| problem)
        })
    }
}
