//! Graphs from Python.

use std::sync::Arc;

use arcbatt_core::graph::{Graph as CoreGraph, GraphError, Node, Op};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use super::convert::to_value;
use super::counting::{Border, Crossing};
use super::error::{BorderError, Result};
use super::externals::resolve;

/// A graph, checked and prepared: build it once, evaluate it often.
#[pyclass(frozen, module = "arcbatt._engine")]
pub struct Graph(Arc<CoreGraph>);

impl Graph {
    /// The core's graph.
    pub fn shared(&self) -> Arc<CoreGraph> {
        Arc::clone(&self.0)
    }
}

#[pymethods]
impl Graph {
    #[new]
    fn new(nodes: &Bound<'_, PyTuple>, roots: Vec<i64>) -> Result<Self> {
        let _crossing = Crossing::begin(Border::Graphs);
        let py = nodes.py();
        let nodes = nodes
            .iter()
            .enumerate()
            .map(|(index, node)| read_node(index, &node))
            .collect::<Result<Vec<Node>>>()?;
        let mut problem = Ok(());
        let graph = CoreGraph::new(&nodes, &roots, |name| {
            resolve(py, name).unwrap_or_else(|error| {
                problem = Err(error);
                None
            })
        });
        problem?;
        Ok(Self(Arc::new(graph?)))
    }

    /// Count the nodes.
    fn __len__(&self) -> usize {
        self.0.len()
    }
}

fn text(object: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(object.cast::<PyString>()?.to_str()?.to_owned())
}

fn read_node(index: usize, node: &Bound<'_, PyAny>) -> Result<Node> {
    let py = node.py();
    let wrong = |problem: String| GraphError {
        node: index as i64,
        problem,
    };
    let op = text(&node.getattr(intern!(py, "op"))?)?;
    let op = Op::from_name(&op).ok_or_else(|| wrong(format!("no op is called '{op}'")))?;
    let value = match op {
        Op::Constant => match to_value(&node.getattr(intern!(py, "value"))?) {
            Ok(value) => Some(value),
            Err(BorderError::Value(_)) => None,
            Err(error) => return Err(error),
        },
        _ => None,
    };
    Ok(Node {
        op,
        name: text(&node.getattr(intern!(py, "name"))?)?,
        args: node.getattr(intern!(py, "args"))?.extract()?,
        value,
    })
}
