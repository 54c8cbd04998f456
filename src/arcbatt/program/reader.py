"""Read one function of a program file into a graph.

The syntax tree is walked with a white list. Lambdas, nested functions and helper functions are
inlined where they are called; where one is passed as a value, it is written with `compose`,
`fork`, `lbind` and `rbind`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import add, mul, sub

from arcbatt.dsl import CONSTANTS, REGISTRY
from arcbatt.dsl.values import INTEGER_MAX, INTEGER_MIN
from arcbatt.errors import GraphError, ParseError
from arcbatt.program.graph import GraphBuilder, Op, Program, say_arguments
from arcbatt.program.names import (
    Frame,
    Inlined,
    Meaning,
    Module,
    arrange,
    clipped,
    describe,
    describe_keywords,
    describe_name,
    fault_at,
    load_dialect,
    note_import,
    parameters_of,
)

MAX_NODES = 20_000
MIN_STEPS = 1_000
"""Number of expressions that every program may inline, see `Module`."""
MAX_INLINED = 50
"""Largest depth of functions that are inlined into each other."""
PARAMETER_FORM = "(I) or (S, I, C)"

_WHOLE: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: add,
    ast.Sub: sub,
    ast.Mult: mul,
}


class OtherDialect(Exception):
    """Raised where a name of the dialect stands, so that the function is read as such."""


class Reader:
    """Reads one function into a graph.

    Args:
        definition: the function.
        module: what the file defines beside it.
        dialect: names of the other dialect that are understood; empty for our language.
    """

    def __init__(
        self,
        definition: ast.FunctionDef,
        module: Module,
        dialect: Mapping[str, Meaning] | None = None,
    ) -> None:
        self.definition = definition
        self.module = module
        self.dialect = dialect or {}
        self.builder = GraphBuilder()
        self.frame = self.own = Frame()
        self.line_of: dict[int, int] = {}
        self.steps = 0
        self.depth = 0
        self.line_at = 0
        """Line of the call that a meaning of the dialect is read for; 0 elsewhere."""

    def read(self) -> tuple[Program, tuple[int, ...]]:
        """Return the program of the function, and for each of its nodes the line that made it.

        Raises ParseError at the first line that is wrong.
        """
        if self.definition.decorator_list:
            raise self.fail(self.definition, "decorators are not supported: leave them out")
        self._bind_inputs()
        result = self._read_body(self.definition.body)
        order = self.builder.order(result)
        program = self.builder.program(result, order)
        lines = (self.line_of.get(node, self.definition.lineno) for node in order)
        return program, tuple(lines)

    def fail(self, node: ast.AST, problem: str, allowed: str = "") -> ParseError:
        """Make the error for a place in the function."""
        if self.line_at:
            node = ast.Pass(lineno=self.line_at)
        return fault_at(self.module.file, node, problem, allowed)

    def _bind_inputs(self) -> None:
        """Bind the names of the parameters to the inputs of the program."""
        arguments = self.definition.args
        defaults = len(arguments.defaults)
        given = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        names = given[: len(given) - defaults]
        inputs = {1: ("I",), 3: ("S", "I", "C")}.get(len(names), ())
        if names == ["S", "I"]:
            inputs = ("S", "I")
        if not inputs or arguments.vararg or arguments.kwarg or None in arguments.kw_defaults:
            problem = f"the parameters are ({clipped(arguments)})"
            raise self.fail(self.definition, problem, PARAMETER_FORM)
        values = [self.builder.input(name) for name in inputs]
        self._bind(self.definition, arguments, values, self.definition.name)

    def _bind(
        self,
        at: ast.AST,
        arguments: ast.arguments,
        values: Sequence[int | Inlined | None],
        name: str,
    ) -> None:
        """Bind parameters to values; those without a value get their default."""
        parameters, defaults = parameters_of(arguments)
        given = [*values, *[None] * (len(parameters) - len(values))]
        is_open = bool(arguments.vararg or arguments.kwarg)
        bound: dict[str, int | Inlined] = {}
        for parameter, default, value in zip(parameters, defaults, given, strict=False):
            if value is None and default is not None:
                value = self._expression(default)
            if value is not None:
                bound[parameter] = value
        if is_open or len(bound) < len(given):
            got = len(given) - given.count(None)
            raise self.fail(at, f"{name} takes {say_arguments(len(parameters))}, got {got}")
        self.frame.names.update(bound)

    def _read_body(self, body: Sequence[ast.stmt]) -> int:
        for place, statement in enumerate(body):
            try:
                result = self._read_statement(statement)
            except GraphError as error:
                raise self.fail(statement, error.context["problem"]) from error
            except RecursionError as error:
                problem = "calls nest too deeply: give names to some of them"
                raise self.fail(statement, problem) from error
            if result is not None and place < len(body) - 1:
                raise self.fail(body[place + 1], "a line after return is never reached")
            if result is not None:
                return result
            if len(self.builder) > MAX_NODES:
                raise self.fail(statement, "too many calls", f"at most {MAX_NODES} nodes")
        raise self.fail(body[-1], "no return: the last line of a function is return x")

    def _read_statement(self, statement: ast.stmt) -> int | None:
        """Read a statement; the value of a return, and None for any other."""
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self.frame.names[name] = self._operand(value)
            case ast.Assign(targets=targets, value=value):
                # All values are read before a name is bound, as in Python: `a, b = b, a`.
                bound = [pair for target in targets for pair in self._bindings(target, value)]
                self.frame.names.update(bound)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.frame.names.update(self._bindings(target, value))
            case ast.Return(value=ast.expr() as value):
                return self._expression(value)
            case ast.Return():
                raise self.fail(statement, "return has no value: write return x")
            case ast.FunctionDef(name=name, args=arguments, body=lines, decorator_list=[]):
                self.frame.names[name] = Inlined(name, arguments, lines, self.frame)
            case ast.Expr(value=ast.Constant(value=str())) | ast.Pass() | ast.AnnAssign():
                pass
            case ast.Expr(value=ast.Call(func=ast.Name(id="print"))):
                pass
            case ast.Import() | ast.ImportFrom():
                note_import(statement, self.module)
            case _:
                raise self.fail(statement, describe(statement))
        return None

    def _bindings(self, target: ast.expr, value: ast.expr) -> Iterator[tuple[str, int | Inlined]]:
        match target, value:
            case ast.Name(id=name), _:
                yield name, self._operand(value)
            case ((ast.Tuple(elts=names) | ast.List(elts=names)), ast.Tuple(elts=values)):
                if len(names) != len(values):
                    problem = f"{len(names)} names for {len(values)} values"
                    raise self.fail(target, problem)
                for one, its in zip(names, values, strict=True):
                    yield from self._bindings(one, its)
            case ((ast.Tuple(elts=names) | ast.List(elts=names)), _):
                parts = self._unpacked(value, len(names))
                for one, part in zip(names, parts, strict=True):
                    if not isinstance(one, ast.Name):
                        raise self.fail(one, f"only a name can be assigned, not `{clipped(one)}`")
                    yield one.id, part
            case _:
                raise self.fail(target, f"only a name can be assigned, not `{clipped(target)}`")

    def _unpacked(self, value: ast.expr, count: int) -> list[int]:
        """Return the members of a value that is unpacked into some names."""
        picks = {1: ["first"], 2: ["first", "last"], 3: ["first", "second", "last"]}.get(count)
        if picks is None:
            raise self.fail(value, f"a value can't be unpacked into {count} names: at most 3")
        index = self._expression(value)
        return [self.builder.call(name, index) for name in picks]

    def _expression(self, expression: ast.expr) -> int:
        if isinstance(expression, ast.Name):
            found = self.frame.names.get(expression.id)
            if isinstance(found, int):
                self.line_of.setdefault(found, self.line_at or expression.lineno)
                return found
        value = self._operand(expression)
        if isinstance(value, Inlined):
            value = self._as_value(expression, value)
        return value

    def _operand(self, expression: ast.expr) -> int | Inlined:
        """Read an expression; the name of a function that is inlined gives the function."""
        self.steps += self.frame is not self.own
        if self.steps > self.module.steps_max:
            allowed = f"at most {self.module.steps_max} expressions in helpers and lambdas"
            self.module.steps_max = max(self.module.steps_max // 2, MIN_STEPS)
            raise self.fail(expression, "too many calls", allowed)
        match expression:
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if (
                not self.dialect
                and self.frame.outer is None
                and name not in self.frame.names
                and name not in self.module.own
                and name in REGISTRY
            ):
                found: int | Inlined = self.builder.call(name, *map(self._expression, args))
            case ast.Call(func=function, args=args, keywords=keywords):
                found = self._call(expression, function, args, keywords)
            case ast.Name(id=name):
                found = self._name(expression, name)
            case ast.Attribute(attr=name):
                found = self._name(expression, self._member(expression))
            case ast.Lambda(args=arguments, body=body):
                return Inlined("this lambda", arguments, body, self.frame)
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                found = self.frame.names[name] = self._operand(value)
            case ast.Tuple(elts=elements):
                found = self.builder.tuple_of(*map(self._expression, elements))
            case ast.Set(elts=elements):
                found = self.builder.set_of(*map(self._expression, elements))
            case _:
                found = self._number(expression)
        if isinstance(found, int):
            self.line_of.setdefault(found, self.line_at or expression.lineno)
        return found

    def _name(self, expression: ast.expr, name: str) -> int | Inlined:
        found = self.find(name)
        if found is not None:
            return found
        name = self.module.renamed.get(name, name)
        if name in self.dialect:
            return self._translated(expression, name)
        if name in CONSTANTS and name not in self.module.foreign:
            return self.builder.constant(CONSTANTS[name])
        if name in REGISTRY and name not in self.module.foreign:
            return self.builder.function(name)
        if not self.dialect and name in load_dialect():
            raise OtherDialect
        raise self.fail(expression, describe_name(name, self.module, self.frame.names))

    def find(self, name: str) -> int | Inlined | None:
        """Find what a name was given by the file; None if nothing."""
        found = self.frame.find(name)
        if found is not None:
            return found
        if name in self.module.functions:
            function = self.module.functions[name]
            return Inlined(name, function.args, function.body)
        if name in self.module.constants:
            inner, self.frame = self.frame, Frame()
            try:
                return self._operand(self.module.constants[name])
            finally:
                self.frame = inner
        return None

    def _member(self, expression: ast.Attribute) -> str:
        """Return the name after a prefix such as ``dsl.``."""
        base = expression.value
        while isinstance(base, ast.Attribute) and base.attr in self.module.prefixes:
            base = base.value
        if isinstance(base, ast.Name) and self.frame.find(base.id) is None:
            if base.id in self.module.foreign:
                module = self.module.foreign[base.id]
                problem = f"{module} is not part of the language: `{clipped(expression)}`"
                raise self.fail(expression, f"{problem} can't be called")
            if base.id in self.module.prefixes:
                return expression.attr
        raise self.fail(expression, describe(expression))

    def _call(
        self,
        expression: ast.Call,
        function: ast.expr,
        args: Sequence[ast.expr | None],
        keywords: Sequence[ast.keyword],
    ) -> int:
        name = function.id if isinstance(function, ast.Name) else ""
        if isinstance(function, ast.Attribute):
            name = self._member(function)
        found = self.find(name) if name else self._operand(function)
        original = self.module.renamed.get(name, name)
        if keywords:
            args = self._arranged(expression, found, original)
        if isinstance(found, Inlined):
            values = [None if arg is None else self._operand(arg) for arg in args]
            return self.inline(expression, found, values)
        given = [arg for arg in args if arg is not None]
        if found is None:
            return self._call_named(expression, original, given)
        return self.builder.invoke(found, *map(self._expression, given))

    def _arranged(
        self, expression: ast.Call, found: int | Inlined | None, name: str
    ) -> list[ast.expr | None]:
        """Return the arguments of a call with keywords in the order of the parameters."""
        if isinstance(found, Inlined):
            name, (parameters, _) = found.name, parameters_of(found.arguments)
        elif found is None and name in REGISTRY and name not in self.module.foreign:
            parameters = [each.name for each in REGISTRY[name].parameters]
        else:
            self._operand(expression.func)
            raise self.fail(expression, describe_keywords(expression))
        args, problem = arrange(expression, parameters)
        if problem:
            raise self.fail(expression, f"{name} {problem}")
        return args

    def _call_named(self, expression: ast.Call, name: str, args: Sequence[ast.expr]) -> int:
        """Read a call of a name that the file does not define."""
        if name in self.dialect:
            if self.dialect[name].reason:
                return self._translated(expression, name)
            return self._translated_call(expression, name, [self._expression(arg) for arg in args])
        if self.dialect and name in ("rbind", "lbind"):
            bound = self._bound(expression, name)
            if bound is not None:
                return bound
        if name in REGISTRY and name not in self.module.foreign:
            return self.builder.call(name, *map(self._expression, args))
        if name in ("frozenset", "set", "tuple") and len(args) < 2:
            return self._container(expression, name, args)
        function = self._name(expression.func, name)
        if isinstance(function, Inlined):
            return self.inline(expression, function, [self._operand(arg) for arg in args])
        return self.builder.invoke(function, *map(self._expression, args))

    @contextmanager
    def _apart(self, expression: ast.expr, names: dict[str, int | Inlined]) -> Iterator[None]:
        """Read a meaning of the dialect: it sees its parameters and our language only."""
        kept = self.frame, self.module, self.dialect, self.line_at
        self.frame, self.module, self.dialect = Frame(names), Module(self.module.file), {}
        self.line_at = self.line_at or expression.lineno
        try:
            yield
        finally:
            self.frame, self.module, self.dialect, self.line_at = kept

    def _translated(self, expression: ast.expr, name: str) -> int:
        """Return the value of a name of the dialect."""
        meaning = self.dialect[name]
        if meaning.reason:
            raise self.fail(expression, f"{name} is not read: {meaning.reason}")
        if meaning.ours is None:
            raise self.fail(expression, f"{name} is read only with its number: {name}(x, F0)")
        with self._apart(expression, {}):
            return self._expression(meaning.ours)

    def _translated_call(self, expression: ast.expr, name: str, args: Sequence[int]) -> int:
        """Return the result of a call of a name of the dialect."""
        meaning = self.dialect[name]
        if not meaning.calls:
            function = self._translated(expression, name)
            node = self.builder.nodes[function]
            if node.op is Op.FUNCTION:
                return self.builder.call(node.name, *args)
            return self.builder.invoke(function, *args)
        for pattern, ours in meaning.calls:
            names = self._matched(pattern, args)
            if names is None:
                continue
            if isinstance(ours, str):
                raise self.fail(expression, f"this call of {name} is not read: {ours}")
            with self._apart(expression, names):
                return self._expression(ours)
        wanted = say_arguments(len(meaning.calls[0][0]))
        raise self.fail(expression, f"{name} takes {wanted}, got {len(args)}")

    def _matched(
        self, pattern: Sequence[int | str], args: Sequence[int]
    ) -> dict[str, int | Inlined] | None:
        """Return the arguments of a call by the names in a pattern; None if it does not fit."""
        if len(pattern) != len(args):
            return None
        names: dict[str, int | Inlined] = {}
        for part, arg in zip(pattern, args, strict=True):
            node = self.builder.nodes[arg]
            if isinstance(part, str):
                names[part] = arg
            elif node.op is not Op.CONSTANT or node.value != part:
                return None
        return names

    def _bound(self, expression: ast.Call, binder: str) -> int | None:
        """Read ``rbind(name, number)`` for a name of the dialect whose meaning needs the number."""
        match expression.args:
            case [ast.Name(id=name), fixed] if name in self.dialect and self.dialect[name].calls:
                value, hole = self._expression(fixed), self.builder.hole()
                args = [hole, value] if binder == "rbind" else [value, hole]
                return self.builder.function_of(
                    self._translated_call(expression, name, args), [hole]
                )
        return None

    def _container(self, expression: ast.Call, name: str, args: Sequence[ast.expr]) -> int:
        """Read ``frozenset({a, b})``, ``tuple()`` and the like, with the members given."""
        match args:
            case []:
                elements: list[int] = []
            case [ast.Set(elts=given) | ast.Tuple(elts=given) | ast.List(elts=given)]:
                elements = [self._expression(each) for each in given]
            case [ast.Name() | ast.Call()]:
                raise self.fail(expression, describe_name(name, self.module, self.frame.names))
            case _:
                raise self.fail(expression, describe(args[0]))
        build = self.builder.tuple_of if name == "tuple" else self.builder.set_of
        return build(*elements)

    def _number(self, expression: ast.expr) -> int:
        match expression:
            case ast.Constant(value=bool() | int() as value):
                number = value
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                found = self._whole(operand)
                if found is None:
                    raise self.fail(expression, describe(expression))
                number = -found if isinstance(sign, ast.USub) else found
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _WHOLE:
                first, second = self._whole(left), self._whole(right)
                if first is None or second is None:
                    raise self.fail(expression, describe(expression))
                number = _WHOLE[type(operator)](first, second)
            case _:
                raise self.fail(expression, describe(expression))
        if not INTEGER_MIN <= number <= INTEGER_MAX:
            raise self.fail(expression, "an integer beyond 64 bits")
        return self.builder.constant(number)

    def _whole(self, expression: ast.expr) -> int | None:
        """Read an operand of arithmetic; None unless it is a constant integer."""
        node = self.builder.nodes[self._expression(expression)]
        return node.value if node.op is Op.CONSTANT and isinstance(node.value, int) else None

    def inline(
        self, expression: ast.AST, function: Inlined, values: Sequence[int | Inlined | None]
    ) -> int:
        """Read the body of a function with its parameters bound to values."""
        if self.depth >= MAX_INLINED:
            problem = f"{function.name} calls itself, or too many functions call each other"
            raise self.fail(expression, problem, "helper functions that don't call themselves")
        inner, self.frame = self.frame, Frame(outer=function.outer)
        self.depth += 1
        try:
            self._bind(expression, function.arguments, values, function.name)
            if isinstance(function.body, ast.expr):
                return self._expression(function.body)
            return self._read_body(function.body)
        finally:
            self.frame = inner
            self.depth -= 1

    def _as_value(self, expression: ast.expr, function: Inlined) -> int:
        """Write a function that is passed as a value with primitives."""
        start = len(self.builder)
        count = len(function.arguments.posonlyargs) + len(function.arguments.args)
        count -= len(function.arguments.defaults)
        holes = [self.builder.hole() for _ in range(count)]
        result = self.inline(expression, function, holes)
        value = self.builder.function_of(result, holes)
        if value is None:
            raise self.fail(
                expression,
                f"{function.name} can't be passed as a value, since its arguments are used in a"
                " way that compose, chain, fork, lbind and rbind can't express",
            )
        for index in range(start, len(self.builder)):
            self.line_of.setdefault(index, self.line_at or expression.lineno)
        return value
