"""Read programs from DSL text. Nothing of a file is ever imported or executed.

A file holds functions in one of these forms, with any variable names and nested calls:
``def solve(S, I, C)``, ``def differ_<name>(S, I, C)``, ``def solve_<id>(I)`` and
``def verify_<id>(I: Grid) -> Grid``. Functions that others call are helpers, and names that are
assigned outside of functions are constants; `arcbatt.program.reader` reads a function with them.
"""

from __future__ import annotations

import ast
import codecs
import io
import math
import re
import tokenize
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from typing import TypeGuard

from arcbatt.dsl import REGISTRY
from arcbatt.errors import GraphError, ParseError
from arcbatt.files import read_bounded
from arcbatt.program.graph import Program
from arcbatt.program.names import (
    Inlined,
    Module,
    describe,
    describe_error,
    fault_at,
    load_dialect,
    note_import,
    task_in_name,
)
from arcbatt.program.reader import OtherDialect, Reader
from arcbatt.showing import Explained

MAX_FILE_BYTES = 16 * 2**20
MAX_CHUNK = 2**20
"""Number of characters that are parsed at once; their syntax tree can take 200 MB. Helpers of a
larger file have to stand before the functions that call them."""
MAX_FUNCTIONS = 50_000
"""Number of functions of a file after which no more are read."""
MAX_ERRORS = 1_000
"""Largest number of errors of a file that are kept; others are counted."""
_LINE_END = re.compile(r"\r\n|\r|\n")

LISTED = 20
"""Number of errors of a file that are listed before the others are only counted."""

FILE_FORM = "a file with a function like `def solve_007bbfb7(I):`"

_NAMED = re.compile(r"(?:solve|solver|verify|verifier|differ)(?:_\w*)?")
_START = re.compile(
    r"(?:async\s+def|def|class|import|from|if|try|for|while|with|print)\b|@|\w+\s*(?::[^=]*)?=[^=]"
)
_DEFINITION = re.compile(r"\s*(?:async\s+)?def\s+(\w+)")
_INNER = re.compile(r"(?:[ \t]+(?:async\s+)?def\s+(?:solve|verify|differ)|(?:async\s+)?def\s)")
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
_QUOTES = re.compile(r'"""|\'\'\'')
_UNSAFE_CODECS = ("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape")


@dataclass(frozen=True)
class SourceProgram(Explained):
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
        """The id of eight hexadecimal digits in the name, as in ``solve_<id>``; None without."""
        return task_in_name(self.name)


@dataclass
class SourceFile:
    """The contents of a file.

    Attributes:
        programs: the programs that could be read.
        errors: the errors of functions that can't be read, the first `MAX_ERRORS` of them.
        unlisted: the number of further functions that can't be read.
        skipped: the places outside of functions that are ignored, the first `MAX_ERRORS` of them.
    """

    programs: list[SourceProgram] = field(default_factory=list)
    errors: list[ParseError] = field(default_factory=list)
    unlisted: int = 0
    skipped: list[ParseError] = field(default_factory=list)

    @property
    def count(self) -> int:
        """The number of functions, whether they could be read or not."""
        return len(self.programs) + len(self.errors) + self.unlisted

    def fail(self, error: ParseError) -> None:
        """Note the error of a function."""
        if len(self.errors) < MAX_ERRORS:
            self.errors.append(error)
        else:
            self.unlisted += 1

    def skip(self, error: ParseError) -> None:
        """Note a place outside of functions that is ignored."""
        if len(self.skipped) < MAX_ERRORS:
            self.skipped.append(error)

    def listed(self, file: Path | str) -> list[ParseError]:
        """List the first errors and skipped places, with an error that counts the others."""
        shown = self.errors[:LISTED]
        others = len(self.errors) + self.unlisted - len(shown)
        if others:
            problem = f"{others} more function{'s' * (others > 1)} can't be read"
            shown.append(ParseError(file=file, line=0, problem=problem, allowed=""))
        shown += self.skipped[:LISTED]
        if len(self.skipped) > LISTED:
            problem = f"{len(self.skipped) - LISTED} or more other lines are skipped"
            shown.append(ParseError(file=file, line=0, problem=problem, allowed=""))
        return shown

    def explain_nothing(self, file: Path | str) -> ParseError:
        """Return the error for a file of which no program could be read."""
        if not self.errors:
            line = self.skipped[0].context["line"] if self.skipped else 0
            why = f", and {self.skipped[0].context['problem']}" if self.skipped else ""
            problem = f"holds no program{why}"
            return ParseError(file=file, line=line, problem=problem, allowed=FILE_FORM)
        first = self.errors[0].context
        others = len(self.errors) - 1 + self.unlisted
        more = f" and {others} more can't be read either" if others else ""
        function = f" (in {first['function']})" if "function" in first else ""
        problem = f"{first['problem']}{function}{more}, so that no program is left"
        return ParseError(file=file, line=first["line"], problem=problem, allowed=first["allowed"])


def parse_file(path: Path | str) -> SourceFile:
    """Read all programs of a file; a function that can't be read does not affect the others.

    Raises ParseError if the file can't be read or is no text.
    """
    path = Path(path)
    try:
        data = read_bounded(path, bytes_max=MAX_FILE_BYTES)
    except OSError as error:
        problem = f"can't be read: {error.strerror}"
        raise ParseError(file=path, line=0, problem=problem, allowed="a text file") from error
    return parse_text(_decode(path, data), file=str(path))


def _decode(path: Path, data: bytes) -> str:
    """Decode a file as Python does; what is not UTF-8 and names no encoding is Latin-1."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        except SyntaxError:
            found = re.search(rb"coding[:=]\s*([-\w.]+)", data[:400])
            encoding = found.group(1).decode() if found else "latin-1"
    try:
        if codecs.lookup(encoding).name in _UNSAFE_CODECS:
            raise LookupError(encoding)
        text = data.decode(encoding)
    except UnicodeDecodeError:
        # Whatever stands in comments: names of the language are ASCII.
        text = data.decode("latin-1")
    except LookupError as error:
        problem = f"its encoding {encoding!r} is unknown: save it as UTF-8"
        raise ParseError(file=path, line=1, problem=problem, allowed="") from error
    if "\0" in text:
        raise ParseError(file=path, line=0, problem="is no text file", allowed=FILE_FORM)
    return text


def parse_text(text: str, *, file: str = "<text>") -> SourceFile:
    """Read all programs of a text; see `parse_file`."""
    found, module = SourceFile(), Module(file)
    text_lines = _LINE_END.split(text) if "#" in text else []
    for statements in _blocks(text, file, found):
        _read_block(statements, module, found, text_lines)
        if found.count >= MAX_FUNCTIONS:
            problem = f"more than {MAX_FUNCTIONS} functions: split the file"
            found.fail(ParseError(file=file, line=0, problem=problem, allowed=""))
            break
    # Lines that are not Python are found first; an error of the whole file stays the last one.
    found.errors.sort(key=lambda error: error.context["line"] or math.inf)
    return found


def _read_block(
    statements: Iterable[ast.stmt], module: Module, found: SourceFile, text_lines: Sequence[str]
) -> None:
    """Read the functions among some statements; helpers stay in the module for later ones."""
    functions = _collect(statements, module, found)
    for each in functions:
        if _is_copy(each) and not _is_readable(each, module):
            module.functions.pop(each.name, None)
    has_others = any(not _NAMED.fullmatch(each.name) for each in functions)
    called = _called_names(functions) if has_others and len(functions) > 1 else set()
    for definition in functions:
        name = definition.name
        if _is_copy(definition) or (name in called and not _NAMED.fullmatch(name)):
            continue
        try:
            program, lines = _read_function(definition, module)
        except ParseError as error:
            found.fail(error.inside(name))
            continue
        doc = ast.get_docstring(definition) or ""
        line, comments = definition.lineno, comments_above(text_lines, definition.lineno)
        found.programs.append(SourceProgram(name, program, module.file, line, lines, doc, comments))
    for definition in functions:
        if definition.name not in called:
            module.functions.pop(definition.name, None)


def _is_readable(definition: ast.FunctionDef, module: Module) -> bool:
    """Return whether a helper function can be inlined."""
    reader = Reader(definition, module)
    holes = [reader.builder.hole() for _ in definition.args.args]
    helper = Inlined(definition.name, definition.args, definition.body)
    try:
        reader.inline(definition.body[0], helper, holes)
    except (GraphError, OtherDialect, ParseError, RecursionError):
        return False
    return True


def _read_function(definition: ast.FunctionDef, module: Module) -> tuple[Program, tuple[int, ...]]:
    """Read a function: in our language or, if it uses a name of it, in the other dialect.

    Returns the program, and for each of its nodes the number of the line that made it.

    Raises ParseError at the first line that is wrong.
    """
    try:
        return Reader(definition, module).read()
    except OtherDialect:
        return Reader(definition, module, load_dialect()).read()


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
    for error in (*found.errors, *found.skipped):
        raise error
    if len(found.programs) != 1:
        problem = f"{len(found.programs)} programs"
        raise ParseError(file=file, line=0, problem=problem, allowed="one program")
    return found.programs[0]


def _collect(
    statements: Iterable[ast.stmt], module: Module, found: SourceFile
) -> list[ast.FunctionDef]:
    """Return the functions among statements; note what else they define for them."""
    functions: list[ast.FunctionDef] = []
    for statement in statements:
        match statement:
            case ast.FunctionDef(name=name, body=body):
                # A wrong indentation makes one program a part of the one before.
                inner = [each for each in body if _is_program(each)]
                if inner and not _called_names([statement]).intersection(e.name for e in inner):
                    statement.body = [each for each in body if each not in inner]
                functions.append(statement)
                module.functions[name] = statement
                functions += _collect(inner, module, found)
            case ast.Import() | ast.ImportFrom():
                note_import(statement, module)
            case ast.Expr(value=ast.Constant(value=str())) | ast.Pass():
                pass
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_named(name, value):
                functions.append(_defined(name, value, statement))
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    _note_constant(target, value, statement, module, found)
            case ast.AnnAssign(target=target, value=annotated):
                if annotated is not None:
                    _note_constant(target, annotated, statement, module, found)
            case ast.AsyncFunctionDef():
                fault = fault_at(module.file, statement, describe(statement))
                found.fail(fault.inside(statement.name))
            case ast.ClassDef(body=body):
                for method in body:
                    if isinstance(method, ast.FunctionDef) and _NAMED.fullmatch(method.name):
                        fault = fault_at(module.file, method, describe(statement))
                        found.fail(fault.inside(method.name))
            case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
                pass
            case ast.If(body=body, orelse=others) | ast.Try(body=body, orelse=others):
                functions += _collect([*body, *others], module, found)
            case _:
                problem = f"outside of a function {describe(statement)}"
                found.skip(fault_at(module.file, statement, problem))
    return functions


def _note_constant(
    target: ast.expr, value: ast.expr, statement: ast.stmt, module: Module, found: SourceFile
) -> None:
    match target, value:
        case ast.Name(id=name), _:
            module.constants[name] = value
        case ast.Tuple(elts=names), ast.Tuple(elts=values) if len(names) == len(values):
            for each, one in zip(names, values, strict=True):
                _note_constant(each, one, statement, module, found)
        case _:
            problem = "outside of a function only names can be assigned"
            found.skip(fault_at(module.file, statement, problem))


def _is_program(statement: ast.stmt) -> TypeGuard[ast.FunctionDef]:
    return isinstance(statement, ast.FunctionDef) and bool(_NAMED.fullmatch(statement.name))


def _is_named(name: str, value: ast.expr) -> bool:
    """Return whether an assignment defines a program: a lambda, or a function for a task."""
    if isinstance(value, ast.Lambda):
        return bool(_NAMED.fullmatch(name))
    is_function = isinstance(value, ast.Name | ast.Call | ast.Attribute)
    return is_function and bool(_NAMED.fullmatch(name)) and task_in_name(name) is not None


def _defined(name: str, value: ast.expr, statement: ast.stmt) -> ast.FunctionDef:
    """Return the function that an assignment defines."""
    if isinstance(value, ast.Lambda):
        arguments, result = value.args, value.body
    else:
        grid = ast.Name("I", ast.Load())
        result = ast.copy_location(ast.Call(value, [ast.copy_location(grid, value)], []), value)
        arguments = ast.arguments([], [ast.arg("I")], None, [], [], None, [])
    body: list[ast.stmt] = [ast.copy_location(ast.Return(result), statement)]
    return ast.copy_location(ast.FunctionDef(name, arguments, body, []), statement)


def _is_copy(definition: ast.FunctionDef) -> bool:
    """Return whether a function is a primitive's definition in Python, pasted into the file."""
    if definition.name not in REGISTRY:
        return False
    parameters = [each.name for each in REGISTRY[definition.name].parameters]
    return [each.arg for each in definition.args.args] == parameters


def _called_names(functions: Iterable[ast.FunctionDef]) -> set[str]:
    """Return the names that functions use, other than a function its own."""
    called: set[str] = set()
    for definition in functions:
        names = {node.id for node in ast.walk(definition) if isinstance(node, ast.Name)}
        called |= names - {definition.name}
    return called


def _blocks(text: str, file: str, found: SourceFile) -> Iterator[list[ast.stmt]]:
    """Yield the statements of a text in blocks, without the functions that are broken."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if len(text) <= MAX_CHUNK:
        try:
            yield _parsed(text)
        except _UNREADABLE:
            pass
        else:
            return
    lines = text.split("\n")
    starts = [*_starts(lines), len(lines)]
    first = size = 0
    for place, (start, end) in enumerate(pairwise(starts)):
        length = sum(map(len, lines[start:end])) + end - start
        if size + length > MAX_CHUNK and place > first:
            yield _parsed_parts(lines, starts[first : place + 1], file, found)
            first, size = place, 0
        size += length
    yield _parsed_parts(lines, starts[first:], file, found)


def _parsed_parts(
    lines: Sequence[str], starts: Sequence[int], file: str, found: SourceFile
) -> list[ast.stmt]:
    """Parse the parts between some starts, together if that goes well, else by halves."""
    if len(starts) == 2:
        return _parsed_part(lines[starts[0] : starts[1]], starts[0], file, found)
    try:
        return _parsed("\n".join(lines[starts[0] : starts[-1]]), starts[0])
    except _UNREADABLE:
        if found.count >= MAX_FUNCTIONS:
            return []
        half = len(starts) // 2
        left = _parsed_parts(lines, starts[: half + 1], file, found)
        return left + _parsed_parts(lines, starts[half:], file, found)


def _parsed(text: str, start: int = 0) -> list[ast.stmt]:
    """Parse some lines; the numbers of lines begin after ``start``."""
    if "\\" in text:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(text)
    else:
        module = ast.parse(text)
    return (ast.increment_lineno(module, start) if start else module).body


def _parsed_part(lines: Sequence[str], start: int, file: str, found: SourceFile) -> list[ast.stmt]:
    """Parse a part of a text that begins where a statement does; note its errors."""
    text = "\n".join(lines)
    try:
        if len(text) > MAX_CHUNK:
            raise ValueError(f"more than {MAX_CHUNK} characters")
        return _parsed(dedent(text), start)
    except SyntaxError as error:
        inner = [place for place, line in enumerate(lines) if place and _INNER.match(line)]
        if inner and not lines[0].startswith("class"):
            ends = [*inner, len(lines)]
            return [
                statement
                for first, last in zip([0, *inner], ends, strict=True)
                for statement in _parsed_part(lines[first:last], start + first, file, found)
            ]
        place, problem = error.lineno or 1, describe_error(error)
    except (ValueError, RecursionError, MemoryError) as error:
        place = 1
        problem = "calls nest too deeply: give names to some of them"
        if isinstance(error, ValueError):
            problem = f"this function or part of the file can't be read: {error}"
    functions = [defined.group(1) for defined in map(_DEFINITION.match, lines) if defined]
    line = start + min(place, len(lines))
    fault = ParseError(file=file, line=line, problem=problem, allowed="")
    if functions:
        found.fail(fault.inside(functions[0]))
    else:
        found.skip(fault)
    return []


def _starts(lines: Sequence[str]) -> list[int]:
    """Return the indices of the lines at which a function or another statement begins."""
    starts, quote = _starts_outside(lines)
    if quote:  # a text that is never closed: look for functions in it
        starts, _ = _starts_outside(lines, with_quotes=False)
    return starts


def _starts_outside(lines: Sequence[str], *, with_quotes: bool = True) -> tuple[list[int], str]:
    """Return where statements begin outside of texts, and the quotes that are open at the end."""
    starts, quote, is_decorated = [0], "", False
    for place, line in enumerate(lines):
        if not quote and _START.match(line):
            if place and not is_decorated:
                starts.append(place)
            is_decorated = line.startswith("@")
        if with_quotes:
            for mark in _QUOTES.findall(line):
                quote = mark if not quote else "" if mark == quote else quote
    return starts, quote
