"""What a fixed small run finds is what it found, with any number of threads.

`make derived` prints it and writes it to the file that is compared here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.signature import PARTS, TASKS, FixedRun, main, sign, sign_parts, write_parts

KEPT = Path(__file__).with_name("signature.txt")

pytestmark = pytest.mark.native


def read_kept() -> dict[str, str]:
    """Return the kept digest of each part, and the signature."""
    lines = KEPT.read_text(encoding="utf-8").splitlines()
    return {line.split()[0]: line.split()[1] for line in lines}


@pytest.fixture(scope="module")
def run() -> FixedRun:
    return FixedRun(threads=1)


def test_it_is_the_one_that_is_kept(run: FixedRun) -> None:
    kept, parts = read_kept(), sign_parts(run)
    changed = [name for name, digest in parts.items() if kept.get(name) != digest]
    assert {**parts, "signature": sign(parts)} == kept, (
        f"a fixed small run finds something else: {', '.join(changed) or 'a part is gone'}."
        " If that is meant: run `make derived`, commit tests/quality/signature.txt, and say so"
    )


@pytest.mark.parametrize("threads", [2, 8])
def test_threads_do_not_change_it(run: FixedRun, threads: int) -> None:
    assert sign_parts(FixedRun(threads)) == sign_parts(run)


def test_it_is_of_something(run: FixedRun) -> None:
    assert len({task.id for task in run.tasks}) == TASKS
    assert sum(result.exact > 0 for result in run.results) > TASKS // 2
    for name, facts in PARTS.items():
        assert len(list(facts(run))) >= TASKS, name
        assert len({fact[1:] for fact in facts(run)}) > TASKS // 2, name


def test_every_part_counts(run: FixedRun) -> None:
    parts = sign_parts(run)
    assert list(parts) == list(PARTS)
    for name in parts:
        assert sign({**parts, name: "00000000"}) != sign(parts)


def test_it_is_printed(
    run: FixedRun, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = {"candidates": "0123abcd", "x": "1"}
    monkeypatch.setattr("lab.signature.sign_parts", lambda run: parts)
    main(["--threads", "2"])
    printed = capsys.readouterr().out
    assert printed == write_parts(parts)
    assert printed.splitlines()[0] == "candidates  0123abcd"
    assert len(printed.splitlines()[-1].removeprefix("signature").strip()) == 8
    with pytest.raises(SystemExit, match="2"):
        main(["--threads", "0"])
