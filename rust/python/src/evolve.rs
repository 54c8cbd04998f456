//! Evolution for Python: tables in, lines of programs out.

use std::sync::Arc;

use arcbatt_core::evaluate::{Case, Surroundings};
use arcbatt_core::evolve as core;
use arcbatt_core::evolve::{
    Constant, Definitions, Findings, Ground, Language, Meaning, Mutation, Name, Number, Program,
    RoundSettings, Selection, Type, Typed, Wish, INPUTS, MUTATIONS,
};
use arcbatt_core::{lookup, Bounds};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyTuple};

use super::cases::CaseReader;
use super::enter::enter;
use super::error::{BorderError, Result};

/// `arcbatt.dsl.types.Type`.
#[derive(FromPyObject)]
struct RawType {
    name: String,
    args: Vec<RawType>,
}

fn wrong(problem: String) -> BorderError {
    BorderError::Engine(problem)
}

fn read_type(raw: &RawType, defined: &[String]) -> Result<Type> {
    let name = Name::named(&raw.name, defined)
        .ok_or_else(|| wrong(format!("no type is called '{}'", raw.name)))?;
    let args = raw.args.iter().map(|arg| read_type(arg, defined));
    Ok(Type {
        name,
        args: args.collect::<Result<_>>()?,
    })
}

fn write_type(kind: &Type, defined: &[String]) -> String {
    let args: Vec<String> = kind
        .args
        .iter()
        .map(|arg| write_type(arg, defined))
        .collect();
    let name = match kind.name {
        Name::Union => return args.join(" | "),
        Name::Callable => {
            let (result, parameters) = args.split_last().expect("a function has a result");
            return format!("Callable[[{}], {result}]", parameters.join(", "));
        }
        Name::Variable(number) => return format!("?{number}"),
        Name::Defined(place) => return defined[place as usize].clone(),
        Name::Container(_) => "Container".into(),
        other => format!("{other:?}"),
    };
    if args.is_empty() {
        return name;
    }
    format!("{name}[{}]", args.join(", "))
}

fn read_number(object: &Bound<'_, PyAny>) -> PyResult<Number> {
    match object.cast::<PyBool>() {
        Ok(bit) => Ok(Number::Bool(bit.is_true())),
        Err(_) => object.extract().map(Number::Int),
    }
}

fn read_constant(object: &Bound<'_, PyAny>) -> Result<Constant> {
    let Ok(pair) = object.cast::<PyTuple>() else {
        return Ok(Constant::One(read_number(object)?));
    };
    Ok(Constant::Two(
        read_number(&pair.get_item(0)?)?,
        read_number(&pair.get_item(1)?)?,
    ))
}

/// `arcbatt.engine.breeder.TypedPrimitive`.
#[derive(FromPyObject)]
struct RawPrimitive {
    name: String,
    parameters: Vec<String>,
    signature: RawType,
    overloads: Vec<RawType>,
}

/// `arcbatt.engine.breeder.Meaning`.
#[derive(FromPyObject)]
struct RawMeaning<'py> {
    kind: RawType,
    parameter: Option<String>,
    constants: Vec<Bound<'py, PyAny>>,
}

/// `arcbatt.engine.breeder.Vocabulary`.
#[derive(FromPyObject)]
struct RawVocabulary<'py> {
    primitives: Vec<RawPrimitive>,
    #[pyo3(from_py_with = read_items)]
    definitions: Vec<(String, RawType)>,
    short: Vec<String>,
    inputs: Vec<RawType>,
    meanings: Vec<RawMeaning<'py>>,
    derived: Vec<String>,
    features: Vec<String>,
}

fn read_items(mapping: &Bound<'_, PyAny>) -> PyResult<Vec<(String, RawType)>> {
    let items = mapping.call_method0(intern!(mapping.py(), "items"))?;
    items.try_iter()?.map(|item| item?.extract()).collect()
}

/// `arcbatt.engine.breeder.Island`.
#[derive(FromPyObject)]
struct RawIsland<'py> {
    demos: Bound<'py, PyAny>,
    tests: Bound<'py, PyAny>,
    probes: Bound<'py, PyAny>,
    dealt: Vec<String>,
    without: Vec<usize>,
    seeds: Vec<u64>,
}

/// `arcbatt.engine.budget.Budget`; its time is no bound here.
#[derive(FromPyObject)]
struct RawBudget {
    node_fuel: u64,
    value_leaves: u64,
}

/// `arcbatt.engine.breeder.Breeding`.
#[derive(FromPyObject)]
struct RawBreeding {
    mutants: usize,
    generation: usize,
    population: usize,
    selection: String,
    fresh: f64,
    further: f64,
    size_max: usize,
    budget: RawBudget,
    memory_max: u64,
    shares: bool,
    goal: RawType,
    inputs: String,
}

impl RawBreeding {
    fn read(&self, weights: [f64; MUTATIONS]) -> Result<RoundSettings> {
        Ok(RoundSettings {
            mutants: self.mutants,
            generation: self.generation.max(1),
            population: self.population.max(1),
            selection: Selection::from_name(&self.selection)
                .ok_or_else(|| wrong(format!("no selection is called '{}'", self.selection)))?,
            fresh: self.fresh.clamp(0.0, 1.0),
            further: self.further.clamp(0.0, 0.9),
            size_max: self.size_max,
            bounds: Bounds {
                node_fuel: self.budget.node_fuel,
                value_leaves: self.budget.value_leaves,
                deadline: None,
            },
            memory_max: self.memory_max,
            shares: self.shares,
            weights,
        })
    }
}

/// A program that an island has at the end of a round.
#[pyclass(frozen, get_all, module = "arcbatt._engine")]
pub struct Member {
    line: String,
    scores: Vec<u16>,
    size: usize,
    fuel: u64,
    origins: Vec<u32>,
    is_new: bool,
    behaviour: u64,
    bodies: u32,
}

impl Member {
    fn write(member: &core::Member, line: String) -> Self {
        let origins = member.origins.iter().copied();
        Self {
            line,
            scores: member.scores.clone(),
            size: member.cone.len(),
            fuel: member.fuel,
            origins: origins
                .filter(|&origin| origin != core::NO_ORIGIN)
                .collect(),
            is_new: member.is_new,
            behaviour: member.behaviour as u64,
            bodies: member.bodies,
        }
    }
}

/// The children of one mutation: how many were tried, new and kept.
#[pyclass(frozen, get_all, module = "arcbatt._engine")]
pub struct MutationTally {
    tried: u64,
    new: u64,
    kept: u64,
}

/// The result of a round of one island.
#[pyclass(frozen, module = "arcbatt._engine")]
pub struct IslandFindings {
    members: Vec<Py<Member>>,
    tallies: [core::MutationTally; MUTATIONS],
    counts: core::IslandCounts,
}

#[pymethods]
impl IslandFindings {
    /// The members, the best first.
    #[getter]
    fn members(&self, py: Python<'_>) -> Vec<Py<Member>> {
        self.members.iter().map(|one| one.clone_ref(py)).collect()
    }

    /// The tallies by the name of the mutation.
    #[getter]
    fn tallies<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let tallies = PyDict::new(py);
        for (mutation, &core::MutationTally { tried, new, kept }) in
            Mutation::ALL.iter().zip(&self.tallies)
        {
            tallies.set_item(
                mutation.name(),
                Py::new(py, MutationTally { tried, new, kept })?,
            )?;
        }
        Ok(tallies)
    }

    /// The counts by name.
    #[getter]
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let counts = PyDict::new(py);
        for (name, count) in [
            ("dealt", self.counts.dealt),
            ("mutants", self.counts.mutants),
            ("evaluations", self.counts.evaluations),
            ("unfit", self.counts.unfit),
            ("known_bodies", self.counts.known_bodies),
            ("known_behaviours", self.counts.known_behaviours),
            ("failed", self.counts.failed),
            ("copies", self.counts.copies),
            ("calls", self.counts.calls),
        ] {
            counts.set_item(name, count)?;
        }
        Ok(counts)
    }
}

/// A program that a mutation made and that was not evaluated.
#[pyclass(frozen, get_all, module = "arcbatt._engine")]
pub struct MutationChild {
    line: String,
    mutation: &'static str,
    parent: usize,
    mates: Vec<usize>,
    donors: Vec<usize>,
}

/// Breeds programs, see `arcbatt.engine.breeder`.
#[pyclass(frozen, module = "arcbatt._engine")]
pub struct Breeder {
    breeder: core::Breeder,
    defined: Vec<String>,
}

impl Breeder {
    fn read_lines(&self, lines: &[String]) -> Result<Vec<Arc<Program>>> {
        let read = |line: &String| self.breeder.language.read(line).map(Arc::new);
        lines
            .iter()
            .map(read)
            .collect::<std::result::Result<_, _>>()
            .map_err(wrong)
    }

    fn read_inputs(inputs: &str) -> Result<Vec<u8>> {
        let place = |name: char| INPUTS.iter().position(|one| one.starts_with(name));
        inputs
            .chars()
            .map(|name| place(name).map(|place| place as u8))
            .collect::<Option<_>>()
            .ok_or_else(|| wrong(format!("expected some of S, I and C, got '{inputs}'")))
    }

    fn write_findings(&self, py: Python<'_>, findings: &Findings) -> PyResult<IslandFindings> {
        let members = findings.members.iter().map(|(member, steps)| {
            let line = self.breeder.language.write(steps);
            Py::new(py, Member::write(member, line))
        });
        Ok(IslandFindings {
            members: members.collect::<PyResult<_>>()?,
            tallies: findings.tallies,
            counts: findings.counts,
        })
    }
}

fn read_weights(weights: &Bound<'_, PyDict>) -> Result<[f64; MUTATIONS]> {
    let mut read = [0.0; MUTATIONS];
    for (name, weight) in weights {
        let (name, weight): (String, f64) = (name.extract()?, weight.extract()?);
        let place = Mutation::ALL.iter().position(|kind| kind.name() == name);
        let place = place.ok_or_else(|| wrong(format!("no mutation is called '{name}'")))?;
        if !(weight.is_finite() && weight >= 0.0) {
            return Err(wrong(format!(
                "mutation {name}: expected a weight of 0 or more"
            )));
        }
        read[place] = weight;
    }
    if read.iter().sum::<f64>() <= 0.0 {
        return Err(wrong("expected a mutation with a weight above 0".into()));
    }
    Ok(read)
}

#[pymethods]
impl Breeder {
    #[new]
    fn new(vocabulary: RawVocabulary<'_>) -> Result<Self> {
        let names = vocabulary.definitions.iter().map(|(name, _)| name.clone());
        let defined: Vec<String> = names.collect();
        let read = |raw: &RawType| read_type(raw, &defined);
        let mut typed = Vec::new();
        for raw in vocabulary.primitives {
            // What has no kernel would have to be called back, which is slow.
            if let Some(callee) = lookup(&raw.name) {
                typed.push(Typed {
                    callee,
                    parameters: raw.parameters,
                    signature: read(&raw.signature)?,
                    overloads: raw.overloads.iter().map(read).collect::<Result<_>>()?,
                });
            }
        }
        let types = vocabulary.definitions.iter().map(|(_, kind)| read(kind));
        let definitions = Definitions {
            types: types.collect::<Result<_>>()?,
            short: (0..defined.len() as u32)
                .filter(|&place| vocabulary.short.contains(&defined[place as usize]))
                .collect(),
        };
        let meanings = vocabulary.meanings.iter().map(|meaning| {
            let constants = meaning.constants.iter().map(read_constant);
            Ok(Meaning {
                kind: Some(read(&meaning.kind)?),
                parameter: meaning.parameter.clone(),
                constants: constants.collect::<Result<_>>()?,
            })
        });
        let language = Language::new(
            typed,
            definitions,
            vocabulary.inputs.iter().map(read).collect::<Result<_>>()?,
            meanings.collect::<Result<_>>()?,
            &vocabulary.derived,
            &vocabulary.features,
        )
        .map_err(wrong)?;
        Ok(Self {
            breeder: core::Breeder::new(language),
            defined,
        })
    }

    /// List the names of the mutations.
    #[staticmethod]
    fn mutations() -> Vec<&'static str> {
        Mutation::ALL.iter().map(|kind| kind.name()).collect()
    }

    /// Infer the type of a program; None if it is not well typed.
    fn infer(&self, line: &str) -> Result<Option<String>> {
        let steps = self.breeder.language.read(line).map_err(wrong)?;
        let kind = self.breeder.infer(&steps);
        Ok(kind.map(|kind| write_type(&kind, &self.defined)))
    }

    /// Make children without evaluating them.
    // Python gives arguments by name.
    #[allow(clippy::too_many_arguments)]
    #[pyo3(signature = (parents, donors, *, goal, inputs, weights, count, seed, further=0.0))]
    fn mutate(
        &self,
        py: Python<'_>,
        parents: Vec<String>,
        donors: Vec<String>,
        goal: RawType,
        inputs: &str,
        weights: &Bound<'_, PyDict>,
        count: usize,
        seed: u64,
        further: f64,
    ) -> Result<Vec<MutationChild>> {
        let (parents, donors) = (self.read_lines(&parents)?, self.read_lines(&donors)?);
        let wish = Wish {
            goal: read_type(&goal, &self.defined)?,
            inputs: Self::read_inputs(inputs)?,
            weights: read_weights(weights)?,
            count,
            further: further.clamp(0.0, 0.9),
        };
        let mutants = enter(py, |_| self.breeder.mutate(&parents, &donors, &wish, seed))?;
        let language = &self.breeder.language;
        Ok(mutants
            .into_iter()
            .map(|mutant| MutationChild {
                line: language.write(&mutant.steps),
                mutation: mutant.kind.name(),
                parent: mutant.parent,
                mates: mutant.mates,
                donors: mutant.donors,
            })
            .collect())
    }

    /// Do a round of islands.
    // Python gives arguments by name.
    #[allow(clippy::too_many_arguments)]
    #[pyo3(signature = (islands, *, donors, differs, weights, breeding, threads=1))]
    fn breed(
        &self,
        py: Python<'_>,
        islands: Vec<RawIsland<'_>>,
        donors: Vec<String>,
        differs: Vec<String>,
        weights: &Bound<'_, PyDict>,
        breeding: RawBreeding,
        threads: usize,
    ) -> Result<Vec<IslandFindings>> {
        let (donors, differs) = (self.read_lines(&donors)?, self.read_lines(&differs)?);
        let goal = read_type(&breeding.goal, &self.defined)?;
        let inputs = Self::read_inputs(&breeding.inputs)?;
        let settings = breeding.read(read_weights(weights)?)?;
        let mut reader = CaseReader::default();
        let mut grounds = Vec::with_capacity(islands.len());
        for (number, island) in islands.iter().enumerate() {
            let mut read =
                |cases: &Bound<'_, PyAny>| -> Result<Vec<Case>> { reader.read_all(number, cases) };
            grounds.push(Ground {
                demos: read(&island.demos)?,
                tests: read(&island.tests)?,
                probes: read(&island.probes)?,
                dealt: self.read_lines(&island.dealt)?,
                without: island.without.clone(),
                seeds: island.seeds.clone(),
                goal: goal.clone(),
                inputs: inputs.clone(),
            });
        }
        drop(reader);
        let found = enter(py, |surroundings: Surroundings<'_>| {
            self.breeder.breed(
                &grounds,
                &donors,
                &differs,
                &settings,
                threads,
                surroundings,
            )
        })??;
        let found = found.iter().map(|one| self.write_findings(py, one));
        Ok(found.collect::<PyResult<_>>()?)
    }
}
