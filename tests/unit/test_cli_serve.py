"""`batt serve` as a process: its address, its token, its end."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from tests.commands import Batt

pytest.importorskip("starlette")


@contextmanager
def served(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve the tasks of the current folder, and yield the process and the address."""
    command = [sys.executable, "-m", "arcbatt", "serve", "--dataset", "tasks", *words]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("page: http://"), process.communicate()
            yield process, line.removeprefix("page: ").strip()
        finally:
            process.kill()


@pytest.mark.usefixtures("place")
def test_with_json_the_address_is_a_document() -> None:
    command = [sys.executable, "-m", "arcbatt", "serve", "--dataset", "tasks", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            document = "".join(iter(process.stdout.readline, "}\n")) + "}"
            with urlopen(json.loads(document)["page"]) as answer:
                assert answer.status == 200
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=60)[0] == ""
        finally:
            process.kill()


@pytest.mark.usefixtures("place")
def test_it_serves_until_ctrl_c() -> None:
    with served() as (process, address):
        assert re.fullmatch(r"http://127\.0\.0\.1:80\d\d/", address)
        with urlopen(address) as answer:
            assert "0000aaaa" in answer.read().decode()
        with served() as (_, other):
            assert other != address, "a second server has a port of its own"
            with urlopen(other) as answer:
                assert answer.status == 200
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 130
        assert err == "stopped: interrupted\n"


@pytest.mark.usefixtures("place")
def test_other_addresses_need_a_token() -> None:
    with served("--host", "0.0.0.0", "--port", "18765") as (_, address):
        token = address.partition("?token=")[2]
        assert len(token) >= 24
        with pytest.raises(HTTPError, match="403"):
            urlopen("http://127.0.0.1:18765/")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["none"], "there is no archive none"),
        (["--results", "none.jsonl"], "--results: there is no file none.jsonl"),
        (["--token", "short"], "--token: expected 8 characters or more"),
        (["--token", "two words"], "--token: expected 8 characters or more of A-Z, a-z, 0-9"),
        (["--token", "\u00e9t\u00e9-et-hiver"], "--token: expected 8 characters or more of A-Z"),
        (["--dataset", "poem"], "no dataset 'poem'"),
        (["--host", "256.1.1.1", "--dataset", "tasks"], "the page can't be served on 256.1.1.1"),
    ],
)
def test_what_can_not_be_served_is_told(
    batt: Batt, place: Path, words: list[str], problem: str
) -> None:
    answer = batt("serve", *words)
    assert answer.code == 2
    assert answer.err.startswith(f"error[usage]: {problem}")


def test_a_damaged_archive_is_told_at_the_start(batt: Batt, place: Path) -> None:
    (place / "archive").mkdir()
    (place / "archive" / "archive.db").write_bytes(b"no archive" * 1000)
    answer = batt("serve", "--dataset", "tasks")
    assert answer.code == 1
    assert answer.err.startswith("error[archive]: archive archive: ")
