//! Fuel: what every call costs, and the bounds that a run may not pass.
//!
//! The fuel of a call is 1 + the leaves of its arguments + the leaves of its result, calls of
//! function values inside it included. It does not depend on the machine or the engine.
//!
//! The total bounds what all values of an evaluation take together. The load of a value is its
//! leaves times its depth, which bounds its containers too. While a primitive runs, the results of
//! the functions that it calls are held, as a primitive collects them; a function that a primitive
//! built, such as a power, does not.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::arguments;
use crate::failure::{Failure, FailureKind, Outcome};
use crate::function::{Callee, External};
use crate::tally::Tally;
use crate::value::{Value, VALUE_DEPTH};

/// How deeply calls of function values may nest.
pub const CALL_DEPTH: usize = 100;
/// A primitive that compares all with all may take this many steps for each allowed leaf.
pub const STEPS_PER_LEAF: u64 = 100;

/// The room of a meter without a total.
const NO_TOTAL: u64 = u64::MAX;

const CLOCK_INTERVAL: u32 = 64;

const OUT_OF_MEMORY: Failure = Failure::new(
    FailureKind::Memory,
    "out of memory: all values together are too big",
);

/// What one node's call may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Fuel that the call may use.
    pub node_fuel: u64,
    /// Leaves that any value may have.
    pub value_leaves: u64,
    /// When calls stop; never without it.
    pub deadline: Option<Instant>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            node_fuel: 200_000,
            value_leaves: 100_000,
            deadline: None,
        }
    }
}

/// The body of a primitive; it is given as many arguments as it has parameters.
pub type Kernel = fn(&mut Meter<'_>, &[&Value]) -> Outcome<Value>;
/// How a function that a primitive built is called: with its parts and its arguments.
pub type CallBuilt = fn(&mut Meter<'_>, &[Value], &[&Value]) -> Outcome<Value>;

/// One function of the language.
#[derive(Debug)]
pub struct Primitive {
    /// Its name, the same in every engine.
    pub name: &'static str,
    /// The names of its parameters, in order.
    pub parameters: &'static [&'static str],
    /// Its body.
    pub kernel: Kernel,
    /// How functions that it built are called, if it builds any.
    pub built: Option<CallBuilt>,
}

/// Calls the primitives that have no kernel here.
///
/// The meter counts the call itself; an implementation that calls function values back does so
/// through the meter that it is given.
pub trait ExternalPrimitives: Sync {
    /// Runs the body of a primitive.
    fn call(&self, meter: &mut Meter<'_>, primitive: &External, args: &[&Value]) -> Outcome<Value>;

    /// Calls a function that the primitive built from `parts`.
    fn call_built(
        &self,
        meter: &mut Meter<'_>,
        primitive: &External,
        parts: &[Value],
        args: &[&Value],
    ) -> Outcome<Value>;
}

/// Counts the leaves of a value that nests no deeper than allowed.
fn weigh(value: &Value) -> Outcome<u64> {
    // The compact forms never nest so deeply.
    let nests = matches!(value, Value::Tuple(_) | Value::Set(_) | Value::Func(_));
    if nests && value.depth() > VALUE_DEPTH {
        return Err(Failure::new(FailureKind::Depth, "a value nests too deeply"));
    }
    Ok(value.leaves())
}

/// Returns how much of the total a value takes: its leaves times its depth, where that is not 0.
pub fn load(value: &Value) -> u64 {
    if value.is_number() {
        return 1;
    }
    value.leaves().saturating_mul(value.depth().max(1).into())
}

/// Counts the fuel of one node's call and stops it at a bound.
pub struct Meter<'a> {
    bounds: Bounds,
    /// What is left of the total for the node.
    room: u64,
    /// The loads of the results that running primitives hold, now and at most.
    held: u64,
    held_most: u64,
    claimed: u64,
    /// Whether a primitive runs that holds results, and no function that a primitive built.
    collects: bool,
    primitives: &'static [&'static Primitive],
    cancel: Option<&'a AtomicBool>,
    externals: Option<&'a dyn ExternalPrimitives>,
    tally: Option<Box<Tally>>,
    spent: u64,
    depth: usize,
    until_clock: u32,
}

impl<'a> Meter<'a> {
    /// Makes a meter that nothing was spent from, for the primitives of a table.
    pub fn for_primitives(bounds: Bounds, primitives: &'static [&'static Primitive]) -> Self {
        Self {
            bounds,
            room: NO_TOTAL,
            held: 0,
            held_most: 0,
            claimed: 0,
            collects: true,
            primitives,
            cancel: None,
            externals: None,
            tally: None,
            spent: 0,
            depth: 0,
            until_clock: 1,
        }
    }

    /// Lets a flag stop the calls; they then fail with `deadline`.
    pub fn with_cancel(mut self, cancel: &'a AtomicBool) -> Self {
        self.cancel = Some(cancel);
        self
    }

    /// Gives the meter what calls primitives from outside.
    pub fn with_externals(mut self, externals: &'a dyn ExternalPrimitives) -> Self {
        self.externals = Some(externals);
        self
    }

    /// Lets the meter count the calls of each primitive, which takes time.
    pub fn with_tally(mut self, tally: Option<Box<Tally>>) -> Self {
        self.tally = tally;
        self
    }

    /// The count of calls, if there is one.
    pub fn tally(&mut self) -> Option<&mut Tally> {
        self.tally.as_deref_mut()
    }

    /// Gives the count of calls back.
    pub fn into_tally(self) -> Option<Box<Tally>> {
        self.tally
    }

    /// The bounds in force.
    pub fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// Fuel that was spent since the last restart.
    pub fn spent(&self) -> u64 {
        self.spent
    }

    /// What is left of the total for what running primitives will hold.
    pub fn room(&self) -> u64 {
        self.room.saturating_sub(self.held)
    }

    /// Sets what is left of the total for a node; without it there is no such bound.
    pub fn set_room(&mut self, room: u64) {
        self.room = room;
    }

    /// The loads of the results that primitives held at the same time, at most.
    pub fn held_most(&self) -> u64 {
        self.held_most
    }

    /// Notes what a call held, at most, that left this engine.
    pub fn note_held(&mut self, held: u64) {
        self.held_most = self.held_most.max(self.held.saturating_add(held));
    }

    /// Counts a result that a running primitive holds until it returns.
    fn hold(&mut self, result: &Value) -> Outcome<()> {
        self.held = self.held.saturating_add(load(result));
        if self.held > self.room {
            return Err(OUT_OF_MEMORY);
        }
        self.held_most = self.held_most.max(self.held);
        Ok(())
    }

    /// Requires room for the value of a node beside the values that are alive.
    ///
    /// Fails with `memory`.
    pub fn claim_room(&mut self, value: &Value) -> Outcome<()> {
        self.claimed = load(value);
        if self.claimed > self.room {
            return Err(OUT_OF_MEMORY);
        }
        Ok(())
    }

    /// The load of the value for which room was claimed last.
    pub fn claimed(&self) -> u64 {
        self.claimed
    }

    /// How deeply calls of function values nest now.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Takes over what was spent and how deeply calls nest, for a call that left this engine.
    pub fn resume(&mut self, spent: u64, depth: usize) {
        self.spent = spent;
        self.depth = depth;
    }

    /// Begins to count for another node.
    pub fn restart(&mut self) {
        self.resume(0, 0);
        (self.held, self.held_most) = (0, 0);
        self.collects = true;
    }

    /// Takes fuel.
    ///
    /// Fails with `fuel` or `deadline` when there is none left.
    pub fn spend(&mut self, fuel: u64) -> Outcome<()> {
        self.take(fuel)?;
        self.until_clock -= 1;
        if self.until_clock == 0 {
            self.until_clock = CLOCK_INTERVAL;
            return self.look_at_clock();
        }
        Ok(())
    }

    /// Takes fuel without a look at the clock.
    pub(crate) fn take(&mut self, fuel: u64) -> Outcome<()> {
        self.spent = self.spent.saturating_add(fuel);
        if self.spent > self.bounds.node_fuel {
            return Err(Failure::new(FailureKind::Fuel, "out of fuel"));
        }
        Ok(())
    }

    #[cold]
    fn look_at_clock(&self) -> Outcome<()> {
        if self
            .bounds
            .deadline
            .is_some_and(|deadline| Instant::now() > deadline)
        {
            return Err(Failure::new(FailureKind::Deadline, "out of time"));
        }
        if self
            .cancel
            .is_some_and(|cancel| cancel.load(Ordering::Relaxed))
        {
            return Err(Failure::new(FailureKind::Deadline, "cancelled"));
        }
        Ok(())
    }

    /// Requires room before a big value is built.
    ///
    /// Fails with `size`.
    pub fn claim(&self, leaves: i128) -> Outcome<()> {
        if leaves > i128::from(self.bounds.value_leaves) {
            return Err(Failure::new(
                FailureKind::Size,
                "a value with too many leaves",
            ));
        }
        Ok(())
    }

    /// Requires time before work that grows with a product.
    ///
    /// Fails with `size`.
    pub fn claim_steps(&self, steps: i128) -> Outcome<()> {
        if steps > i128::from(self.bounds.value_leaves) * i128::from(STEPS_PER_LEAF) {
            return Err(Failure::new(FailureKind::Size, "too many steps"));
        }
        Ok(())
    }

    /// Calls a primitive and counts it.
    ///
    /// Fails as the primitive does, with `argument` on a wrong number of arguments, and with what
    /// bound the call hits.
    pub fn call(&mut self, callee: &Callee, args: &[&Value]) -> Outcome<Value> {
        if self.tally.is_some() {
            return self.call_and_tally(callee, args);
        }
        self.call_alone(callee, args)
    }

    #[cold]
    #[inline(never)]
    fn call_and_tally(&mut self, callee: &Callee, args: &[&Value]) -> Outcome<Value> {
        let spent = self.spent;
        let open = self.tally().map(|tally| tally.open(callee));
        let outcome = self.call_alone(callee, args);
        let fuel = self.spent.saturating_sub(spent);
        if let (Some(tally), Some(open)) = (self.tally(), open) {
            tally.close(open, fuel, outcome.is_ok());
        }
        outcome
    }

    #[inline(always)]
    fn call_alone(&mut self, callee: &Callee, args: &[&Value]) -> Outcome<Value> {
        if args.len() != callee.arity() {
            return Err(Failure::argument("a wrong number of arguments"));
        }
        let mut fuel = 1;
        for arg in args {
            fuel += weigh(arg)?;
        }
        self.spend(fuel)?;
        let outcome = match callee {
            Callee::Native(id) => (self.primitives[id.place()].kernel)(self, args),
            Callee::External(external) => match self.externals() {
                Ok(externals) => externals.call(self, external, args),
                Err(failure) => Err(failure),
            },
        };
        // The result stays where the kernel put it: moving it costs as much as a short kernel.
        if let Ok(result) = &outcome {
            self.count_result(result)?;
        }
        outcome
    }

    /// Counts what a call returned; the clock was looked at when it began.
    fn count_result(&mut self, result: &Value) -> Outcome<()> {
        let leaves = weigh(result)?;
        if leaves > self.bounds.value_leaves {
            self.claim(leaves.into())?;
        }
        self.take(leaves)
    }

    /// Calls a function value; every primitive that it reaches is counted.
    ///
    /// Fails with `argument` if the value is no function or takes another number of arguments,
    /// with `depth` if calls nest deeper than [`CALL_DEPTH`], and with `memory` if a primitive
    /// that collects the results has no room for them.
    pub fn invoke(&mut self, function: &Value, args: &[&Value]) -> Outcome<Value> {
        let function = arguments::function(function)?;
        if args.len() != function.arity() {
            return Err(Failure::argument("a wrong number of arguments"));
        }
        if self.depth >= CALL_DEPTH {
            return Err(Failure::new(FailureKind::Depth, "calls nest too deeply"));
        }
        self.depth += 1;
        let parts = function.parts();
        let (held, collects) = (self.held, self.collects);
        self.collects = parts.is_empty();
        let outcome = match function.callee() {
            callee if parts.is_empty() => self.call(callee, args),
            Callee::Native(id) => match self.primitives[id.place()].built {
                Some(built) => built(self, parts, args),
                None => Err(Failure::argument("a primitive that builds no functions")),
            },
            Callee::External(external) => self
                .externals()
                .and_then(|externals| externals.call_built(self, external, parts, args)),
        };
        self.depth -= 1;
        (self.held, self.collects) = (held, collects);
        if collects && self.room != NO_TOTAL {
            if let Ok(result) = &outcome {
                self.hold(result)?;
            }
        }
        outcome
    }

    fn externals(&self) -> Outcome<&'a dyn ExternalPrimitives> {
        self.externals
            .ok_or(Failure::argument("a primitive without a kernel"))
    }
}
