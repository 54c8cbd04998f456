"""Profiles as files: JSON text with a version, kept by name."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from arcbatt.errors import ProfileError
from arcbatt.files import write_atomically
from arcbatt.profile.categories import Category
from arcbatt.profile.model import Measured, PrimitiveCost, Profile, Slice

FORMAT = "arcbatt.profile"
VERSION = 1
FOLDER = Path(".batt") / "profiles"
SUFFIX = ".json"


def file_of(name: str) -> Path:
    """Return the file of a profile: a name lies in `FOLDER`, anything else is a path.

    >>> file_of("before").as_posix(), file_of("./before").as_posix(), file_of("x.json").as_posix()
    ('.batt/profiles/before.json', 'before', 'x.json')
    """
    if "/" in name or "\\" in name or name.endswith(SUFFIX):
        return Path(name)
    return FOLDER / f"{name}{SUFFIX}"


def save_profile(profile: Profile, path: Path) -> None:
    """Write a profile, whole or not at all; raises ProfileError if that can't be."""
    try:
        write_atomically(path, json.dumps(profile_document(profile)) + "\n")
    except OSError as error:
        problem = f"can't be written: {error.strerror or error}"
        raise ProfileError(path=path, problem=problem) from error


def load_profile(path: Path) -> Profile:
    """Read a profile.

    Raises ProfileError if the file can't be read, is none of ours or of another version.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problem = f"can't be read: {error.strerror or error}"
        raise ProfileError(path=path, problem=problem) from error
    except (ValueError, RecursionError) as error:
        raise ProfileError(path=path, problem=f"expected JSON: {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ProfileError(path=path, problem="expected a file that --save wrote")
    if document.get("version") != VERSION:
        raise ProfileError(
            path=path,
            problem=f"has version {document.get('version')!r}, this program reads {VERSION}",
        )
    try:
        return _profile(document)
    except (KeyError, TypeError, ValueError) as error:
        raise ProfileError(path=path, problem=f"is damaged: {error!r}") from error


def profile_document(profile: Profile) -> dict[str, Any]:
    """Return a profile as JSON, in the form in which it is kept.

    Keys: ``format``, ``version``, ``dataset``, ``tasks`` (ids), ``engine``, ``jobs``,
    ``programs``, ``archive``, ``search_nodes``, ``runs``. Each run has ``wall_ns``, ``cpu_ns``,
    ``slices``, ``primitives``, ``referee``, ``digest``.
    """
    return {
        "format": FORMAT,
        "version": VERSION,
        "dataset": profile.dataset,
        "tasks": list(profile.tasks),
        "engine": profile.engine,
        "jobs": profile.jobs,
        "programs": profile.programs,
        "archive": profile.archive,
        "search_nodes": profile.search_nodes,
        "runs": [
            {
                "wall_ns": run.wall_ns,
                "cpu_ns": run.cpu_ns,
                "slices": [asdict(each) for each in run.slices],
                "primitives": [asdict(each) for each in run.primitives],
                "referee": [asdict(each) for each in run.referee],
                "digest": run.digest,
            }
            for run in profile.runs
        ],
    }


def _profile(document: dict[str, Any]) -> Profile:
    runs = tuple(
        Measured(
            wall_ns=_number(run["wall_ns"]),
            cpu_ns=_number(run["cpu_ns"]),
            slices=tuple(_slice(each) for each in run["slices"]),
            primitives=_costs(run["primitives"]),
            referee=_costs(run["referee"]),
            digest=str(run["digest"]),
        )
        for run in document["runs"]
    )
    if not runs:
        raise ValueError("no runs")
    return Profile(
        dataset=str(document["dataset"]),
        tasks=tuple(map(str, document["tasks"])),
        engine=str(document["engine"]),
        jobs=_number(document["jobs"]),
        programs=_number(document["programs"]),
        archive=bool(document["archive"]),
        search_nodes=_number(document["search_nodes"]),
        runs=runs,
    )


def _slice(fields: dict[str, Any]) -> Slice:
    return Slice(
        Category(fields["category"]),
        str(fields["part"]),
        tuple(map(str, fields["blocks"])),
        _number(fields["wall_ns"]),
        _number(fields["cpu_ns"]),
    )


def _costs(rows: Iterable[dict[str, Any]]) -> tuple[PrimitiveCost, ...]:
    names = ("calls", "failures", "fuel", "runs", "cpu_ns", "inner_cpu_ns")
    return tuple(
        PrimitiveCost(str(row["name"]), *(_number(row[name]) for name in names)) for row in rows
    )


def _number(value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"expected a number, got {value!r}")
    return value
