"""Definitions: named functions over primitives that stand for their body.

``def fill_ofcolor(grid: Grid, value: Color, color: Color) -> Grid:`` with single assignments and a
final return. A program never calls one: wherever it is used, its body is put in its place.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from arcbatt.dsl import CONSTANTS, REGISTRY
from arcbatt.dsl.types import Type, parse_type
from arcbatt.errors import ParseError
from arcbatt.files import read_bounded
from arcbatt.program.check import Bounds, check
from arcbatt.program.graph import GraphBuilder, Node, Op, Program
from arcbatt.program.parse import MAX_FILE_BYTES, MODULE_FORM, Reader, fault_at, shown
from arcbatt.program.render import Form, write_body

DEFINITION_FORM = "`def name(parameter: Type, ...) -> Type:`"
TYPE_FORM = "a type of the language, such as Grid or Callable[[Object], Integer]"
ARITY_MAX = 4
"""Parameters of a definition, as many as a move of search may have arguments."""
_COUNTS = re.compile(r"\bin (\d+) places? of (\d+) tasks?: ([\w, \n]+)\.")
_SAVED = re.compile(r"\bSaves (\d+) bits\b")


@dataclass(frozen=True)
class Definition:
    """A named function over primitives.

    Attributes:
        name: of the function.
        parameters: name and type of each.
        result: its type.
        body: the graph; what reads a parameter has its name as an input.
        doc: the docstring.
    """

    name: str
    parameters: tuple[tuple[str, Type], ...]
    result: Type
    body: Program
    doc: str = ""

    def __str__(self) -> str:
        parameters = ", ".join(f"{name}: {kind}" for name, kind in self.parameters)
        return f"{self.name}({parameters}) -> {self.result}"

    @property
    def places(self) -> int | None:
        """In how many places programs were seen to hold it; None if the docstring has no count."""
        found = _COUNTS.search(self.doc)
        return int(found[1]) if found else None

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks whose programs held it, as the docstring lists them."""
        found = _COUNTS.search(self.doc)
        return tuple(re.split(r"[,\s]+", found[3])) if found else ()

    @property
    def saved_bits(self) -> int | None:
        """The bits that it saved where it was learnt; None if the docstring has no count."""
        found = _SAVED.search(self.doc)
        return int(found[1]) if found else None

    @property
    def expression(self) -> str:
        """The body on one line."""
        lines, result = write_body(self.body, Form.INLINED)
        return "; ".join((*lines, result))

    def add_to(self, builder: GraphBuilder, args: Sequence[int]) -> int:
        """Add the body to a graph, with nodes as arguments, and return the index of its result."""
        given = {name: arg for (name, _), arg in zip(self.parameters, args, strict=True)}
        done: list[int] = []
        for node in self.body.nodes:
            if node.op is Op.INPUT:
                done.append(given[node.name])
            else:
                args = tuple(done[arg] for arg in node.args)
                done.append(builder.add(Node(node.op, node.name, args, node.value)))
        return done[self.body.root]

    def render(self) -> str:
        """Write it as DSL text that `parse_definitions` reads."""
        lines, result = write_body(self.body, Form.ASSIGNMENTS)
        body = "\n".join(f"    {line}" for line in (*lines, f"return {result}"))
        doc = "\n".join(f"    {line}" if line else "" for line in f'"""{self.doc}'.splitlines())
        return f'def {self}:\n{doc}\n    """\n{body}\n'


def read_definitions(path: Path) -> tuple[Definition, ...]:
    """Read all definitions of a file.

    Raises ParseError if it can't be read, or at the first one that is wrong.
    """
    try:
        text = read_bounded(path, bytes_max=MAX_FILE_BYTES).decode()
    except OSError as error:
        problem = f"can't be read: {error.strerror}"
        raise ParseError(file=path, line=0, problem=problem, allowed="a text file") from error
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8: {error.reason}"
        raise ParseError(file=path, line=0, problem=problem, allowed="a text file") from error
    return parse_definitions(text, file=str(path))


def parse_definitions(text: str, *, file: str = "<text>") -> tuple[Definition, ...]:
    """Read all definitions of a text; nothing of it is executed.

    Raises ParseError at the first one that is wrong, or if a name comes twice.
    """
    try:
        module = ast.parse(text)
    except SyntaxError as error:
        line, problem = error.lineno or 0, error.msg
        raise ParseError(file=file, line=line, problem=problem, allowed=MODULE_FORM) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ParseError(file=file, line=0, problem=str(error), allowed=MODULE_FORM) from error
    found: dict[str, Definition] = {}
    for statement in module.body:
        match statement:
            case ast.FunctionDef(name=name):
                if name in found or name in REGISTRY or name in CONSTANTS:
                    problem = f"{name} is defined already"
                    raise fault_at(file, statement, problem, "new names")
                found[name] = _Reader(statement, file).read_definition()
            case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant(value=str())):
                pass
            case _:
                raise fault_at(file, statement, shown(statement), MODULE_FORM)
    return tuple(found.values())


class _Reader(Reader):
    """Reads one definition."""

    def __init__(self, definition: ast.FunctionDef, file: str) -> None:
        super().__init__(definition, file)
        self.parameters: tuple[tuple[str, Type], ...] = ()

    def bind_parameters(self) -> None:
        """Give each parameter its type."""
        names = self.read_names()
        if not 1 <= len(names) <= ARITY_MAX:
            problem = f"{len(names)} parameters"
            raise self.fail(self.definition, problem, f"1 to {ARITY_MAX} parameters")
        annotations = [argument.annotation for argument in self.definition.args.args]
        self.parameters = tuple(
            (name, self._type(annotation))
            for name, annotation in zip(names, annotations, strict=True)
        )
        for name in names:
            self.variables[name] = self.builder.parameter(name)

    def _type(self, annotation: ast.expr | None) -> Type:
        if annotation is None:
            raise self.fail(self.definition, "a type is missing", DEFINITION_FORM)
        try:
            return parse_type(ast.unparse(annotation))
        except ValueError as error:
            raise self.fail(annotation, str(error), TYPE_FORM) from error

    def read_definition(self) -> Definition:
        """Read and check the definition.

        Raises ParseError if a parameter is of no use, or a type does not fit.
        """
        source = self.read()
        result, body = self._type(self.definition.returns), source.program
        definition = Definition(source.name, self.parameters, result, body, source.doc)
        if (fault := find_fault(definition)) is not None:
            raise self.fail(self.definition, *fault)
        return definition


def find_fault(definition: Definition) -> tuple[str, str] | None:
    """Find what is wrong with a definition: the problem, and what is allowed instead."""
    body = definition.body
    unused = [name for name, _ in definition.parameters if name not in body.inputs]
    if unused:
        return f"nothing reads {unused[0]}", "parameters that the body reads"
    if body.nodes[body.root].op is not Op.CALL:
        return "the result is no call", "a call of a primitive"
    if any(node.op is Op.INVOKE for node in body.nodes):
        return "a call of a computed function", "calls of primitives"
    checked = check(body, dict(definition.parameters))
    if checked.mismatches:
        return str(checked.mismatches[0]), "arguments of the types that are declared"
    made, bounds = checked.types[body.root], Bounds()
    if not bounds.flows(bounds.rename_free(made), definition.result):
        return f"the body makes {made}, not {definition.result}", "the type of the body"
    return None
