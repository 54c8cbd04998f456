"""Ways: how search could put a program together, and what its dearest part costs.

Search makes a program as one state, as layers that lie over each other, or through a picture on the
way that begins the next round. Each part costs bits of its own, so a program can be in reach though
the sum of its bits is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from arcbatt.dsl.objects import mostcolor
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import is_grid
from arcbatt.engine import Budget, Case, Engine, Failure
from arcbatt.program.graph import Node, Op, Program, constant_node, extract_program
from arcbatt.search.leaves import constant_leaves, input_leaves
from arcbatt.search.price import Lack, MoveIndex, Price, Pricer, Prices, first_over
from arcbatt.search.reduce import reduce
from arcbatt.search.run import SIDE_MAX, Limits
from arcbatt.search.table import COLOR, GRID, INDICES, OBJECT, Table
from arcbatt.tasks import Task

STEP_BITS = 3
"""What a picture costs that begins a round, in the middle."""
BUILT_BITS = 8
"""What a call of a primitive made for it would cost, on the grid at hand."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to put a program together.

    Attributes:
        bits: of the part that costs most.
        layers: pictures that it lays over each other; 1 for a single state.
        through: whether a picture on the way has to begin a round.
        lacks: what search would need.
        over: which part costs more than search keeps of its type; empty if none does.
    """

    bits: int
    layers: int = 1
    through: bool = False
    lacks: frozenset[Lack] = frozenset()
    over: str = ""

    @property
    def order(self) -> tuple[int, bool, int, bool, int]:
        """What to sort ways by, the best first."""
        return len(self.lacks), bool(self.over), self.bits, self.through, self.layers


@dataclass(frozen=True, slots=True)
class Explained:
    """A program as search would find it.

    Attributes:
        bits: of all its moves and leaves.
        way: the best way to put it together.
        dropped: which value on the way search does not keep, and why; empty if it keeps all.
    """

    bits: int
    way: Way
    dropped: str

    @property
    def order(self) -> tuple[object, ...]:
        """What to sort the programs of a task by, the one that is nearest to search first."""
        return len(self.way.lacks), bool(self.dropped), self.way.order, self.bits


class Explainer:
    """Says what search would need to find programs.

    Args:
        table: the moves of search.
        limits: of search.
        engine: runs programs, to see which values search would drop.
    """

    def __init__(self, table: Table, limits: Limits, engine: Engine) -> None:
        self.index = MoveIndex(table)
        self.limits = limits
        self.engine = engine

    def explain(self, program: Program, task: Task) -> Explained:
        """Say what search would need to find a right program, with the task as it is, no views."""
        program = reduce(program)
        pricer = Pricer(self.index, [*input_leaves(), *constant_leaves(task.S)])
        values = _values(program, task, self.limits, self.engine)
        prices = pricer.price(program)
        layers = self.limits.layers
        ways = [_assembled(pricer, program, prices, values, layers)]
        for node in _pictures(program, values, task):
            price = prices[node].get(GRID)
            if price is None or price.bits <= STEP_BITS:
                continue
            given = {node: {GRID: replace(price, bits=STEP_BITS)}}
            cheaper = pricer.price_with(program, prices, given)
            way = _assembled(pricer, program, cheaper, values, layers)
            ways.append(replace(way, bits=max(price.bits, way.bits), through=True))
        whole = prices[program.root].get(GRID)
        return Explained(
            ways[0].bits if whole is None else whole.bits,
            min(ways, key=lambda way: way.order),
            _dropped(program, values, len(task.demos)),
        )

    def part_to_build(self, program: Program, task: Task, level: int) -> Program | None:
        """Return the smallest part that, if it were one call, would bring a program within a level.

        Args:
            program: a right one.
            task: its task.
            level: bits that the dearest part may cost.

        None if no part would but the whole.
        """
        program = reduce(program)
        pricer = Pricer(self.index, [*input_leaves(), *constant_leaves(task.S)])
        values = _values(program, task, self.limits, self.engine)
        prices = pricer.price(program)
        calls = [index for index, node in enumerate(program.nodes[:-1]) if node.op is Op.CALL]
        for node in sorted(calls, key=lambda index: len(program.cone(index))):
            given = {node: dict.fromkeys(prices[node], Price(BUILT_BITS))}
            shorter = pricer.price_with(program, prices, given)
            way = _assembled(pricer, program, shorter, values, self.limits.layers)
            if not way.lacks and not way.over and way.bits <= level:
                return extract_program(program, node)
        return None


Values = Sequence[Sequence[Value | Failure]]
"""Of each node the values on all samples, demos first."""


def _values(program: Program, task: Task, limits: Limits, engine: Engine) -> Values:
    budget = Budget(limits.node_fuel, limits.value_leaves, sample_seconds=None)
    samples = (*task.demos, *task.tests)
    traces = [engine.trace(program, Case(task.S, sample.input), budget) for sample in samples]
    return [[trace[node].value for trace in traces] for node in range(program.size)]


def _dropped(program: Program, values: Values, demos: int) -> str:
    """Say which call has a value that search does not keep; empty if there is none."""
    for node, of_node in zip(program.nodes, values, strict=True):
        if node.op is not Op.CALL:
            continue
        for value in of_node:
            if isinstance(value, Failure):
                return f"{node.name} fails: {value.kind}"
            if max(_shape(value) or (0,)) > SIDE_MAX:
                return f"{node.name} has a side beyond {SIDE_MAX}"
        if all(type(value) in (tuple, frozenset) and not value for value in of_node[:demos]):
            return f"{node.name} is empty on all demos"
    return ""


def _pictures(program: Program, values: Values, task: Task) -> Iterator[int]:
    """Yield the calls that make pictures of the wanted shapes on all demos, but for the result."""
    shapes = [(len(wanted), len(wanted[0])) for _, wanted in task.S]
    for index, node in enumerate(program.nodes[:-1]):
        if node.op is Op.CALL and list(map(_shape, values[index][: len(shapes)])) == shapes:
            yield index


def _shape(value: Value | Failure) -> tuple[int, int] | None:
    """Return rows and columns of a picture; None for what is none, or has no cells."""
    if isinstance(value, Failure) or not is_grid(value) or not value:
        return None
    return len(value), len(value[0])


def _assembled(
    pricer: Pricer, program: Program, prices: Sequence[Prices], values: Values, layers: int
) -> Way:
    """Return the best way to lay at most so many layers over each other, or to make one state."""
    way = _Assembly(pricer, program, prices, values).way(program.root, layers)
    return way or Way(0, lacks=frozenset({Lack("type", "of its result")}))


class _Assembly:
    def __init__(
        self, pricer: Pricer, program: Program, prices: Sequence[Prices], values: Values
    ) -> None:
        self.pricer = pricer
        self.program = program
        self.prices = prices
        self.values = values

    def way(self, node: int, layers: int) -> Way | None:
        """Return the best way to make a picture of at most so many layers."""
        ways = []
        whole = self.prices[node].get(GRID)
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

    def _tops(self, node: Node) -> list[Price | None]:
        """Return the layers that a call lays over its first argument, the lowest first.

        Empty for other calls; None stands for what is of no type that can be laid.
        """
        first, *rest = (self.prices[arg] for arg in node.args)
        match node.name:
            case "paint":
                return [rest[0].get(OBJECT)]
            case "overlay":
                return [rest[0].get(GRID)]
            case "fill":
                return [self._region(rest[1], rest[0])]
            case "replace":
                return [self._region(self.pricer.call("ofcolor", [first, rest[0]]), rest[1])]
            case "cover":
                return [self._region(rest[0], self._background(node))]
            case "move":
                shifted = self.pricer.call("shift", rest)
                return [self._region(rest[0], self._background(node)), shifted.get(OBJECT)]
            # The coloured cells of a picture lie over what is put under them.
            case "underpaint" if self._has_empty_background(node):
                return [rest[0].get(OBJECT), first.get(GRID)]
            case "underfill" if self._has_empty_background(node):
                return [self._region(rest[1], rest[0]), first.get(GRID)]
        return []

    def _region(self, region: Prices, color: Prices) -> Price | None:
        """Return the price of locations in a colour: that of the dearer one."""
        locations = region.get(INDICES) or self.pricer.call("toindices", [region]).get(INDICES)
        given = color.get(COLOR)
        if locations is None or given is None:
            return None
        return Price(
            max(locations.bits, given.bits),
            locations.lacks | given.lacks,
            first_over([locations, given]),
        )

    def _background(self, node: Node) -> Prices:
        """Return the prices of the most frequent colour of a call's first argument."""
        if self._has_empty_background(node):
            return self.pricer.leaf(constant_node(0))
        return self.pricer.call("mostcolor", [self.prices[node.args[0]]])

    def _has_empty_background(self, node: Node) -> bool:
        """Tell whether colour 0 is the most frequent one of a call's first argument."""
        pictures = self.values[node.args[0]]
        return all(
            not isinstance(one, Failure) and _shape(one) is not None and mostcolor(one) == 0
            for one in pictures
        )


def _laid(base: Way, tops: Sequence[Price]) -> Way:
    """Return the way to lay something over what another way makes."""
    return Way(
        max(base.bits, *(top.bits for top in tops)),
        base.layers + len(tops),
        lacks=base.lacks.union(*(top.lacks for top in tops)),
        over=base.over or first_over(tops),
    )
