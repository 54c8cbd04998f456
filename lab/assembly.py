"""Assembly: find how search could put a program together, and the cost of its most expensive part.

Search makes a program as one state, as layers that lie over each other, or through an intermediate
grid that begins the next round. Each part has a cost of its own, so a program can be within reach
even if its total cost is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.objects import mostcolor
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import is_grid
from arcbatt.engine import Budget, Case, Engine, Failure
from arcbatt.program.graph import GraphBuilder, Node, Op, Program, constant_node, extract_program
from arcbatt.search.grammar import COLOR, GRID, INDICES, OBJECT, Grammar
from arcbatt.search.run import SearchLimits
from arcbatt.search.terminals import constant_terminals, input_terminals
from arcbatt.tasks import Task
from lab.cost_model import Cost, CostModel, Costs, GrammarIndex, Lack, first_over

BUILT_BITS = 8
"""Cost of a call of a new primitive on the grid at hand, in bits."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way in which search could put a program together.

    Attributes:
        bits: cost of the most expensive part, in bits.
        layers: number of grids that lie over each other; 1 for a single state.
        through: whether an intermediate grid has to begin a round.
        lacks: additions to search that the program needs.
        over: text of the part whose cost exceeds the cap of its type, or empty.
    """

    bits: int
    layers: int = 1
    through: bool = False
    lacks: frozenset[Lack] = frozenset()
    over: str = ""

    @property
    def order(self) -> tuple[int, bool, int, bool, int]:
        """The sort key, the best first."""
        return len(self.lacks), bool(self.over), self.bits, self.through, self.layers


@dataclass(frozen=True, slots=True)
class Explained:
    """The explanation of a program: its cost and the best way to put it together.

    Attributes:
        bits: cost of all productions and terminals, in bits.
        way: best way to put it together.
        dropped: intermediate value that search drops, with the reason, or empty.
    """

    bits: int
    way: Way
    dropped: str

    @property
    def order(self) -> tuple[object, ...]:
        """The sort key of the programs of a task, the one nearest to search first."""
        return len(self.way.lacks), bool(self.dropped), self.way.order, self.bits


class Explainer:
    """Explains programs: finds the additions and the bits that search needs to find them.

    Args:
        grammar: the grammar of search.
        limits: limits of search.
        engine: engine that runs programs, to see which values search would drop.
    """

    def __init__(self, grammar: Grammar, limits: SearchLimits, engine: Engine) -> None:
        self.index = GrammarIndex(grammar)
        self.limits = limits
        self.engine = engine

    def explain(self, program: Program, task: Task) -> Explained:
        """Explain a right program of a task, without transforms of the task."""
        program = reduce(program)
        model = CostModel(self.index, [*input_terminals(), *constant_terminals(task.S)])
        values = _values(program, task, self.limits, self.engine)
        costs = model.costs(program)
        layers = self.limits.layers
        ways = [_assembled(model, program, costs, values, layers)]
        step_bits = _step_bits()
        for node in _whole_grids(program, values, task):
            cost = costs[node].get(GRID)
            if cost is None or cost.bits <= step_bits:
                continue
            given = {node: {GRID: replace(cost, bits=step_bits)}}
            cheaper = model.costs_with(program, costs, given)
            way = _assembled(model, program, cheaper, values, layers)
            ways.append(replace(way, bits=max(cost.bits, way.bits), through=True))
        whole = costs[program.root].get(GRID)
        return Explained(
            ways[0].bits if whole is None else whole.bits,
            min(ways, key=lambda way: way.order),
            _dropped(program, values, len(task.demos)),
        )

    def part_to_build(self, program: Program, task: Task, level: int) -> Program | None:
        """Return the smallest part that would bring a program within a level if it were one call.

        Args:
            program: a right program of the task.
            task: the task.
            level: largest cost of a part, in bits.

        Returns None if only the whole program would.
        """
        program = reduce(program)
        model = CostModel(self.index, [*input_terminals(), *constant_terminals(task.S)])
        values = _values(program, task, self.limits, self.engine)
        costs = model.costs(program)
        calls = [index for index, node in enumerate(program.nodes[:-1]) if node.op is Op.CALL]
        for node in sorted(calls, key=lambda index: len(program.cone(index))):
            given = {node: dict.fromkeys(costs[node], Cost(BUILT_BITS))}
            shorter = model.costs_with(program, costs, given)
            way = _assembled(model, program, shorter, values, self.limits.layers)
            if not way.lacks and not way.over and way.bits <= level:
                return extract_program(program, node)
        return None


def _step_bits() -> int:
    """Return the median cost of the grids that begin a round, in bits."""
    from arcbatt.engine.native_search import SEARCH_SEED_COST, SEARCH_SEEDS, SEARCH_SEEDS_PER_BIT

    return SEARCH_SEED_COST + SEARCH_SEEDS // 2 // SEARCH_SEEDS_PER_BIT


Values = Sequence[Sequence[Value | Failure]]
"""The values of each node on all samples, demos first."""


def _values(program: Program, task: Task, limits: SearchLimits, engine: Engine) -> Values:
    budget = Budget(limits.call_fuel, limits.value_leaves, sample_seconds=None)
    samples = (*task.demos, *task.tests)
    traces = [engine.trace(program, Case(task.S, sample.input), budget) for sample in samples]
    return [[trace[node].value for trace in traces] for node in range(program.size)]


def _dropped(program: Program, values: Values, demos: int) -> str:
    """Return the call whose value search drops, with the reason; empty if there is none."""
    from arcbatt.engine.native_search import SEARCH_SIDE_MAX

    for node, of_node in zip(program.nodes, values, strict=True):
        if node.op is not Op.CALL:
            continue
        for value in of_node:
            if isinstance(value, Failure):
                return f"{node.name} fails: {value.kind}"
            if max(_shape(value) or (0,)) > SEARCH_SIDE_MAX:
                return f"{node.name} has a side beyond {SEARCH_SIDE_MAX}"
        if all(type(value) in (tuple, frozenset) and not value for value in of_node[:demos]):
            return f"{node.name} is empty on all demos"
    return ""


def _whole_grids(program: Program, values: Values, task: Task) -> Iterator[int]:
    """Yield the calls, except the result, that make grids of the wanted shapes on all demos."""
    shapes = [(len(wanted), len(wanted[0])) for _, wanted in task.S]
    for index, node in enumerate(program.nodes[:-1]):
        if node.op is Op.CALL and list(map(_shape, values[index][: len(shapes)])) == shapes:
            yield index


def _shape(value: Value | Failure) -> tuple[int, int] | None:
    """Return rows and columns of a grid; None for other values and for empty grids."""
    if isinstance(value, Failure) or not is_grid(value) or not value:
        return None
    return len(value), len(value[0])


def _assembled(
    model: CostModel, program: Program, costs: Sequence[Costs], values: Values, layers: int
) -> Way:
    """Return the best way to make a program as one state or as at most ``layers`` layers."""
    way = _Assembly(model, program, costs, values).way(program.root, layers)
    return way or Way(0, lacks=frozenset({Lack("type", "of its result")}))


class _Assembly:
    def __init__(
        self, model: CostModel, program: Program, costs: Sequence[Costs], values: Values
    ) -> None:
        self.model = model
        self.program = program
        self.costs = costs
        self.values = values

    def way(self, node: int, layers: int) -> Way | None:
        """Return the best way to make the grid of a node with at most ``layers`` layers."""
        ways = []
        whole = self.costs[node].get(GRID)
        if whole is not None:
            ways.append(Way(whole.bits, 1, lacks=whole.lacks, over=whole.over))
        call = self.program.nodes[node]
        tops = self._tops(call) if call.op is Op.CALL else []
        if tops and len(tops) < layers:
            base = self.way(call.args[0], layers - len(tops))
            parts = [top for top in tops if top is not None]
            if base is not None and len(parts) == len(tops):
                ways.append(_laid(base, parts))
        return min(ways, key=lambda way: way.order, default=None)

    def _tops(self, node: Node) -> list[Cost | None]:
        """Return the layers that a call lays over its first argument, the lowest first.

        The list is empty for other calls; None stands for a value that can't be a layer.
        """
        first, *rest = (self.costs[arg] for arg in node.args)
        match node.name:
            case "paint":
                return [rest[0].get(OBJECT)]
            case "overlay":
                return [rest[0].get(GRID)]
            case "fill":
                return [self._region(rest[1], rest[0])]
            case "replace":
                return [self._region(self.model.call("ofcolor", [first, rest[0]]), rest[1])]
            case "cover":
                return [self._region(rest[0], self._background(node))]
            case "move":
                shifted = self.model.call("shift", rest)
                return [self._region(rest[0], self._background(node)), shifted.get(OBJECT)]
            # The coloured cells of a grid lie over the other grid.
            case "underpaint" if self._has_empty_background(node):
                return [rest[0].get(OBJECT), first.get(GRID)]
            case "underfill" if self._has_empty_background(node):
                return [self._region(rest[1], rest[0]), first.get(GRID)]
        return []

    def _region(self, region: Costs, color: Costs) -> Cost | None:
        """Return the cost of a layer of locations in a colour: the larger one of both costs."""
        locations = region.get(INDICES) or self.model.call("toindices", [region]).get(INDICES)
        given = color.get(COLOR)
        if locations is None or given is None:
            return None
        return Cost(
            max(locations.bits, given.bits),
            locations.lacks | given.lacks,
            first_over([locations, given]),
        )

    def _background(self, node: Node) -> Costs:
        """Return the costs of the most frequent colour of the first argument of a call."""
        if self._has_empty_background(node):
            return self.model.terminal(constant_node(0))
        return self.model.call("mostcolor", [self.costs[node.args[0]]])

    def _has_empty_background(self, node: Node) -> bool:
        """Return whether colour 0 is the most frequent one of the first argument of a call."""
        grids = self.values[node.args[0]]
        return all(
            not isinstance(one, Failure) and _shape(one) is not None and mostcolor(one) == 0
            for one in grids
        )


def _laid(base: Way, tops: Sequence[Cost]) -> Way:
    """Return the way that adds layers over the result of another way."""
    return Way(
        max(base.bits, *(top.bits for top in tops)),
        base.layers + len(tops),
        lacks=base.lacks.union(*(top.lacks for top in tops)),
        over=base.over or first_over(tops),
    )


POWER_MAX = 8
"""Largest exponent of `power` that is replaced by repeated calls."""


def reduce(program: Program) -> Program:
    """Rewrite built functions as the calls that search would make.

    Search calls no computed function and builds functions of two others only, so `chain` becomes
    `compose`, and a call of a built function is replaced by the calls that it makes. If a `branch`
    chooses a function, both functions are called, so the result may fail where the program does
    not. A call that can't be rewritten is kept.
    """
    return _Reducer(program).run()


class _Reducer:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.builder = GraphBuilder()

    def run(self) -> Program:
        done: list[int] = []
        for node in self.program.nodes:
            args = [done[arg] for arg in node.args]
            match node.op:
                case Op.INVOKE:
                    done.append(self._apply(args[0], args[1:]))
                case Op.CALL:
                    done.append(self._call(node.name, args))
                case _:
                    done.append(self.builder.add(node))
        return self.builder.program(done[self.program.root])

    def _call(self, name: str, args: list[int]) -> int:
        match name:
            case "identity":
                return args[0]
            case "chain":
                outer, middle, inner = args
                return self._call("compose", [outer, self._call("compose", [middle, inner])])
            case "compose" if self._is_identity(args[0]):
                return args[1]
            case "compose" if self._is_identity(args[1]):
                return args[0]
            case "power" if (times := self._times(args[1])) is not None:
                whole = args[0]
                for _ in range(times - 1):
                    whole = self._call("compose", [args[0], whole])
                return whole
        return self.builder.call(name, *args)

    def _apply(self, function: int, args: list[int]) -> int:
        """Add a call of a function, replaced by calls of its parts where these are known."""
        node = self._node(function)
        parts = node.args
        match node.name if node.op is Op.CALL else node.op:
            case Op.FUNCTION if len(args) == REGISTRY[node.name].arity:
                return self._call(node.name, args)
            case "compose":
                return self._apply(parts[0], [self._apply(parts[1], args)])
            case "fork":
                first, second = (self._apply(part, args) for part in parts[1:])
                return self._apply(parts[0], [first, second])
            case "lbind":
                return self._apply(parts[0], [parts[1], *args])
            case "rbind":
                return self._apply(parts[0], [*args, parts[1]])
            case "branch":
                chosen = [self._apply(part, args) for part in parts[1:]]
                return self.builder.call("branch", parts[0], *chosen)
            case "matcher":
                return self.builder.call("equality", self._apply(parts[0], args), parts[1])
        return self.builder.invoke(function, *args)

    def _node(self, index: int) -> Node:
        return self.builder.nodes[index]

    def _is_identity(self, index: int) -> bool:
        node = self._node(index)
        return node.op is Op.FUNCTION and node.name == "identity"

    def _times(self, index: int) -> int | None:
        node = self._node(index)
        is_known = node.op is Op.CONSTANT and type(node.value) is int
        return node.value if is_known and 1 <= node.value <= POWER_MAX else None
