"""Read programs from DSL text. Nothing of a file is ever imported or executed.

A file holds functions in one of these forms, with any variable names and nested calls:
``def solve(S, I, C)``, ``def differ_<name>(S, I, C)``, ``def solve_<id>(I)`` and
``def verify_<id>(I: Grid) -> Grid``. Import lines and docstrings are skipped.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from arcbatt.dsl import CONSTANTS, REGISTRY
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import INTEGER_MAX, INTEGER_MIN
from arcbatt.errors import GraphError, ParseError
from arcbatt.files import read_bounded
from arcbatt.program.graph import GraphBuilder, Program

MAX_FILE_BYTES = 16 * 2**20
MAX_NODES = 20_000
_LINE_END = re.compile(r"\r\n|\r|\n")
_TASK_NAME = re.compile(r"(?:solve|verify)_([0-9a-f]{8})(?:_\w+)?")

MODULE_FORM = "function definitions, imports and docstrings"
BODY_FORM = "`name = primitive(arguments)` lines and a final `return name`"
EXPRESSION_FORM = "calls of primitives and variables, names, integers and pairs of integers"
PARAMETER_FORM = "(I) or (S, I, C)"


@dataclass(frozen=True)
class SourceProgram:
    """A program with the place where it was read.

    Attributes:
        name: name of the function.
        program: graph of the program.
        file: name or path of the file, as it was given.
        line: line number of the ``def``, from 1.
        lines: for each node of the program, the number of the line that made it.
        doc: docstring of the function, or an empty text.
        comments: comment lines directly above the ``def``.
    """

    name: str
    program: Program
    file: str
    line: int
    lines: tuple[int, ...]
    doc: str = ""
    comments: tuple[str, ...] = ()

    @property
    def task(self) -> str | None:
        """The id of the task in the name, ``solve_<id>`` or ``verify_<id>``; None without one."""
        return task_in_name(self.name)


@dataclass
class SourceFile:
    """The contents of a file: the programs that could be read, and the errors of the others."""

    programs: list[SourceProgram] = field(default_factory=list)
    errors: list[ParseError] = field(default_factory=list)


def task_in_name(name: str) -> str | None:
    """Return the id of the task in a program's name; None if there is none.

    >>> task_in_name("solve_007bbfb7"), task_in_name("differ_cells")
    ('007bbfb7', None)
    """
    found = _TASK_NAME.fullmatch(name)
    return found.group(1) if found else None


def parse_file(path: Path | str) -> SourceFile:
    """Read all programs of a file; a function that can't be read does not affect the others.

    Raises ParseError if the file can't be read or is not Python text at all.
    """
    path = Path(path)
    try:
        data = read_bounded(path, bytes_max=MAX_FILE_BYTES)
    except OSError as error:
        raise ParseError(
            file=path, line=0, problem=f"can't be read: {error.strerror}", allowed="a text file"
        ) from error
    try:
        return parse_text(data.decode(), file=str(path))
    except UnicodeDecodeError as error:
        raise ParseError(
            file=path, line=0, problem=f"is not UTF-8: {error.reason}", allowed="a text file"
        ) from error


def parse_text(text: str, *, file: str = "<text>") -> SourceFile:
    """Read all programs of a text; see `parse_file`."""
    try:
        module = ast.parse(text)
    except SyntaxError as error:
        raise ParseError(
            file=file, line=error.lineno or 0, problem=error.msg, allowed=MODULE_FORM
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ParseError(file=file, line=0, problem=str(error), allowed=MODULE_FORM) from error
    found = SourceFile()
    lines = _LINE_END.split(text) if "#" in text else []
    for statement in module.body:
        match statement:
            case ast.FunctionDef():
                try:
                    program = Reader(statement, file).read()
                    comments = comments_above(lines, program.line)
                    found.programs.append(replace(program, comments=comments))
                except ParseError as error:
                    found.errors.append(error)
            case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant(value=str())):
                pass
            case _:
                found.errors.append(fault_at(file, statement, shown(statement), MODULE_FORM))
    return found


def comments_above(lines: Sequence[str], line: int) -> tuple[str, ...]:
    """Return the comment lines directly above a line, which is counted from 1."""
    end = start = min(line - 1, len(lines))
    while start and lines[start - 1].startswith("#"):
        start -= 1
    return tuple(lines[start:end])


def parse_program(text: str, *, file: str = "<text>") -> SourceProgram:
    """Read the one program of a text.

    Raises ParseError if the text holds anything else than one readable program.
    """
    found = parse_text(text, file=file)
    if found.errors:
        raise found.errors[0]
    if len(found.programs) != 1:
        raise ParseError(
            file=file, line=0, problem=f"{len(found.programs)} programs", allowed="one program"
        )
    return found.programs[0]


def fault_at(file: str, node: ast.AST, problem: str, allowed: str) -> ParseError:
    """Make the error for a place in a text."""
    line = getattr(node, "lineno", 0)
    return ParseError(file=file, line=line, problem=problem, allowed=allowed)


def shown(node: ast.AST) -> str:
    """Describe the syntax at a place of a text."""
    if isinstance(node, ast.Expr):
        node = node.value
    name = type(node).__name__
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name} stands here"


class Reader:
    """Reads one function into a graph."""

    def __init__(self, definition: ast.FunctionDef, file: str) -> None:
        self.definition = definition
        self.file = file
        self.builder = GraphBuilder()
        self.variables: dict[str, int] = {}
        self.line_of: dict[int, int] = {}

    def read(self) -> SourceProgram:
        """Read the whole function.

        Raises ParseError at the first line that is wrong.
        """
        self.bind_parameters()
        body = list(self.definition.body)
        doc = ast.get_docstring(self.definition) or ""
        if doc:
            body = body[1:]
        result = self._read_body(body)
        order = self.builder.order(result)
        program = self.builder.program(result, order)
        lines = (self.line_of.get(node, self.definition.lineno) for node in order)
        return SourceProgram(
            name=self.definition.name,
            program=program,
            file=self.file,
            line=self.definition.lineno,
            lines=tuple(lines),
            doc=doc,
        )

    def fail(self, node: ast.AST, problem: str, allowed: str) -> ParseError:
        """Make the error for a place in the function."""
        return fault_at(self.file, node, problem, allowed)

    def bind_parameters(self) -> None:
        """Bind the names of the parameters to the inputs of the program."""
        names = self.read_names()
        if len(names) not in (1, 3):
            raise self.fail(self.definition, self.parameters(), PARAMETER_FORM)
        for name, given in zip(("I",) if len(names) == 1 else ("S", "I", "C"), names, strict=True):
            self.variables[given] = self.builder.input(name)

    def parameters(self) -> str:
        """Describe the parameters."""
        return f"the parameters are ({ast.unparse(self.definition.args)})"

    def read_names(self) -> list[str]:
        """Read the names of the parameters, which must be plain ones."""
        arguments = self.definition.args
        names = [argument.arg for argument in arguments.args]
        plain = not (
            arguments.posonlyargs
            or arguments.kwonlyargs
            or arguments.vararg
            or arguments.kwarg
            or arguments.defaults
        )
        if not plain or len(set(names)) != len(names):
            raise self.fail(self.definition, self.parameters(), PARAMETER_FORM)
        if self.definition.decorator_list:
            raise self.fail(self.definition, "a decorator stands here", "plain functions")
        return names

    def _read_body(self, body: list[ast.stmt]) -> int:
        for position, statement in enumerate(body):
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self.variables[name] = self._read(value)
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    self.variables[name] = self._read(value)
                case ast.Return(value=ast.expr() as value):
                    if position != len(body) - 1:
                        raise self.fail(body[position + 1], "a line after return", BODY_FORM)
                    return self._read(value)
                case _:
                    raise self.fail(statement, shown(statement), BODY_FORM)
            if len(self.builder) > MAX_NODES:
                raise self.fail(statement, "too many calls", f"at most {MAX_NODES} nodes")
        raise self.fail(self.definition, "no return", BODY_FORM)

    def _read(self, expression: ast.expr) -> int:
        try:
            index = self._expression(expression)
        except GraphError as error:
            raise self.fail(expression, error.context["problem"], EXPRESSION_FORM) from error
        except RecursionError as error:
            raise self.fail(expression, "calls nest too deeply", EXPRESSION_FORM) from error
        return index

    def _expression(self, expression: ast.expr) -> int:
        match expression:
            case ast.Name(id=name):
                index = self._name(expression, name)
            case ast.Call(func=function, args=args, keywords=[]):
                index = self._call(expression, function, args)
            case _:
                index = self.builder.constant(self._constant(expression))
        self.line_of.setdefault(index, expression.lineno)
        return index

    def _name(self, expression: ast.Name, name: str) -> int:
        if name in self.variables:
            return self.variables[name]
        if name in CONSTANTS:
            return self.builder.constant(CONSTANTS[name])
        if name in REGISTRY:
            return self.builder.function(name)
        raise self.fail(
            expression, f"nothing is called {name!r}", "variables, constants and primitives"
        )

    def _call(self, expression: ast.Call, function: ast.expr, args: list[ast.expr]) -> int:
        if any(isinstance(arg, ast.Starred) for arg in args):
            raise self.fail(expression, "a starred argument", EXPRESSION_FORM)
        name = function.id if isinstance(function, ast.Name) else None
        if name is not None and name not in self.variables and name in REGISTRY:
            return self.builder.call(name, *map(self._expression, args))
        called = self._expression(function)
        return self.builder.invoke(called, *map(self._expression, args))

    def _constant(self, expression: ast.expr) -> Value:
        match expression:
            case ast.Constant(value=bool() | int() as value):
                number = value
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
                number = -value
            case ast.Tuple(elts=[first, second]):
                return self._constant(first), self._constant(second)
            case _:
                raise self.fail(expression, shown(expression), EXPRESSION_FORM)
        if not INTEGER_MIN <= number <= INTEGER_MAX:
            raise self.fail(expression, "an integer beyond 64 bits", EXPRESSION_FORM)
        return number
