"""The local page: what it shows, and what it refuses."""

from __future__ import annotations

import json
import re
import shutil
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette")
pytest.importorskip("httpx2")

from starlette.testclient import TestClient
from tests.commands import Batt
from tests.pages import HOSTILE, make_archive, make_desk, write_tasks

from arcbatt.archive import Archive
from arcbatt.errors import UsageError
from arcbatt.evaluation.run import EvaluationRequest, evaluate
from arcbatt.evaluation.task import EvaluationSetup
from arcbatt.findings import Shelf
from arcbatt.tasks import TaskChoice
from arcbatt.web.app import make_app, open_socket
from arcbatt.web.desk import Desk
from arcbatt.web.guard import BODY_BYTES_MAX, CSRF_HEADER, POLICY, Access
from arcbatt.web.runner import COMMANDS, Runner, read_command

HOST = "http://127.0.0.1:8017"
PAGES = ("/", "/tasks/0000aaaa", "/playground", "/run", "/compare", "/primitives")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return make_desk(tmp_path)


@pytest.fixture
def client(desk: Desk) -> TestClient:
    return open_client(desk)


def open_client(desk: Desk, token: str | None = None) -> TestClient:
    access = Access(8017, token, csrf="the-secret")
    return TestClient(
        make_app(desk, access), base_url=HOST, follow_redirects=False, raise_server_exceptions=False
    )


def post(client: TestClient, path: str, **words: Any) -> Any:
    """Send what a script of the page sends."""
    headers = {"origin": HOST, CSRF_HEADER: "the-secret"}
    return client.post(path, json=words, headers=headers)


class Elements(HTMLParser):
    """The start tags of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.mark.parametrize("path", PAGES)
def test_pages_keep_their_own_policy(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    elements = Elements(answer.text)
    assert elements.all("style") == []
    for tag, attributes in elements.found:
        assert not any(name == "style" or name.startswith("on") for name in attributes), tag
    for script in elements.all("script"):
        assert str(script["src"]).startswith("/static/"), "no script in the page itself"


@pytest.mark.parametrize("path", [*PAGES, "/programs/solve_007bbfb7?task=0000aaaa"])
def test_what_people_use_has_a_name(client: TestClient, path: str) -> None:
    text = client.get(path).text
    elements = Elements(text)
    assert elements.all("html")[0]["lang"] == "en"
    assert len(elements.all("main")) == len(elements.all("h1")) == 1
    assert all("alt" in image for image in elements.all("img"))
    for name in ("input", "select", "textarea"):
        for each in elements.all(name):
            labelled = each.get("aria-label") or each.get("type") == "hidden"
            pattern = rf'<label[^>]*>(?:<span>[^<]*</span>)?<{name}[^>]*name="{each.get("name")}"'
            assert labelled or re.search(pattern, text), each
    assert '<svg class="picture" role="img"' in text.replace(
        '<svg xmlns="http://www.w3.org/2000/svg" class', "<svg class"
    ) or path in ("/", "/playground", "/run", "/compare")


def test_the_overview_has_all_tasks_with_their_states(client: TestClient) -> None:
    text = client.get("/").text
    for task, state in (("0000aaaa", "fits"), ("0000bbbb", "nothing"), ("0000cccc", "nothing")):
        assert f'class="card {state}" href="/tasks/{task}"' in text
        assert (
            f'loading="lazy" decoding="async" width="180" height="110" src="/tasks/{task}/' in text
        )


@pytest.mark.parametrize(
    ("query", "tasks"),
    [
        ("state=fits+the+demos", ["0000aaaa"]),
        ("primitive=hmirror", ["0000bbbb"]),
        ("q=CCC", ["0000cccc"]),
        ("size=3", ["0000aaaa", "0000bbbb"]),
        ("answers=unknown", []),
        ("sort=state&state=", ["0000aaaa", "0000bbbb", "0000cccc"]),
        ("sort=poem&size=x", ["0000aaaa", "0000bbbb", "0000cccc"]),
        ("source=%3Cscript%3Ealert(1)%3C/script%3E", ["0000aaaa", "0000bbbb"]),
    ],
)
def test_filters_choose_tasks(client: TestClient, query: str, tasks: list[str]) -> None:
    text = client.get(f"/?{query}&part=1").text
    assert re.findall(r'href="/tasks/(\w+)"', text) == tasks
    assert "<html" not in text


def test_a_task_shows_its_programs_and_their_ancestors(client: TestClient) -> None:
    text = client.get("/tasks/0000aaaa").text
    assert "2 of 2" in text
    assert re.search(r'href="/programs/[0-9a-f]{32}\?task=0000aaaa"', text)


def test_texts_of_files_are_escaped_everywhere(client: TestClient) -> None:
    md5 = re.search(r"/programs/([0-9a-f]{32})", client.get("/tasks/0000aaaa").text)
    assert md5 is not None
    for path in ("/", "/tasks/0000aaaa", f"/programs/{md5[1]}", f"/?q={HOSTILE}", f"/{HOSTILE}"):
        text = client.get(path).text
        assert HOSTILE not in text
    assert "&lt;script&gt;" in client.get("/tasks/0000aaaa").text


def test_a_program_shows_the_value_of_each_line(client: TestClient) -> None:
    text = client.get("/programs/solve_007bbfb7?task=0000aaaa&sample=demo+2").text
    assert 'href="/primitives#hconcat"' in text
    assert text.count('class="step"') == 7
    assert 'data-sample="demo 2" aria-current="true"' in text
    part = client.get("/programs/solve_007bbfb7?task=0000aaaa&sample=test+1&part=1").text
    assert 'id="steps" data-sample="test 1"' in part and "<html" not in part


def test_a_program_is_sent_as_a_file_that_can_be_imported(client: TestClient, desk: Desk) -> None:
    [(entry, _)] = desk.entries(desk.shelf["0000aaaa"])
    answer = client.get(f"/programs/{entry.md5}/text")
    assert answer.headers["content-disposition"] == f'attachment; filename="{entry.md5}.py"'
    assert f"# solver {entry.md5}, 2 nodes" in answer.text
    assert "vmirror(I)" in answer.text


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/tasks/nobody", 404, "no task &#39;nobody&#39;"),
        ("/programs/" + "f" * 32, 404, "keeps no program"),
        ("/programs/solve_007bbfb7?task=0000aaaa&sample=demo+9", 400, "has no demo 9"),
        ("/find?q=poem", 400, "nothing is called &#39;poem&#39;: no task of"),
        ("/find?q=poem", 400, "no primitive, and no program here"),
        ("/poem", 404, "there is no page"),
        ("/static/../app.py", 404, "there is no page"),
    ],
)
def test_what_is_not_there_is_told(client: TestClient, path: str, status: int, words: str) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert words in answer.text


@pytest.mark.parametrize(
    ("word", "place"),
    [("0000bbbb", "/tasks/0000bbbb"), ("vmirror", "/primitives#vmirror")],
)
def test_a_word_leads_to_its_page(client: TestClient, word: str, place: str) -> None:
    assert client.get(f"/find?q={word}").headers["location"] == place


def test_every_primitive_is_there_with_its_example(client: TestClient) -> None:
    from arcbatt.dsl import REGISTRY

    text = client.get("/primitives").text
    assert set(re.findall(r'<article class="prim" id="(\w+)"', text)) == set(REGISTRY)
    assert text.count("<title>result</title>") > 100


# Evaluation splits


def test_answers_of_a_measuring_split_are_hidden(tmp_path: Path) -> None:
    client = open_client(make_desk(tmp_path, split="evaluation"))
    hidden, told = (client.get(f"/tasks/0000aaaa{query}").text for query in ("", "?answers=1"))
    assert "wanted output of test 1" in told
    assert "wanted output of test 1" not in hidden and "Show them" in hidden
    assert 'class="chip' in told and 'class="chip' not in hidden, "nor whether it is right"
    program = client.get("/tasks/0000aaaa").text
    md5 = re.search(r"/programs/([0-9a-f]{32})", program)
    assert md5 is not None
    step = f"/programs/{md5[1]}?task=0000aaaa&sample=test+1&part=1"
    assert "wanted" not in client.get(step).text
    assert "wanted" in client.get(f"{step}&answers=1").text
    words = {"text": "def solve(I): return hmirror(I)", "task": "0000aaaa"}
    assert post(client, "/playground/run", **words).json()["html"].count("wanted") == 4
    words |= {"answers": True}  # type: ignore[dict-item]
    assert post(client, "/playground/run", **words).json()["html"].count("wanted") == 6


def test_answers_of_other_splits_are_shown(client: TestClient) -> None:
    assert "wanted output of test 1" in client.get("/tasks/0000aaaa").text


# Safety


@pytest.mark.parametrize(
    "host", ["evil.example:8017", "127.0.0.1:99", "127.0.0.1.evil.example", ""]
)
def test_another_name_of_this_machine_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8017", "localhost:8017", "[::1]:8017"])
def test_loopback_names_are_known(client: TestClient, host: str) -> None:
    assert client.get("/primitives?q=vmirror", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({CSRF_HEADER: "the-secret"}, 403),
        ({CSRF_HEADER: "the-secret", "origin": "http://evil.example"}, 403),
        ({CSRF_HEADER: "the-secret", "origin": "null"}, 403),
        ({"origin": HOST}, 403),
        ({CSRF_HEADER: "guess", "origin": HOST}, 403),
        ({CSRF_HEADER: "the-secret", "origin": HOST}, 200),
    ],
)
@pytest.mark.parametrize("path", ["/playground/save", "/run/stop"])
def test_only_the_page_itself_changes_something(
    client: TestClient, desk: Desk, path: str, headers: dict[str, str], status: int
) -> None:
    words = {"text": "def solve(I): return vmirror(I)", "task": "0000cccc"}
    assert client.post(path, json=words, headers=headers).status_code == status
    saved = bool(desk.entries(desk.shelf["0000cccc"]))
    assert saved == (status == 200 and path == "/playground/save")


def test_other_methods_are_refused(client: TestClient) -> None:
    assert client.put("/playground/save", json={}).status_code == 405
    assert client.request("DELETE", "/").status_code == 405


def test_long_bodies_are_refused(client: TestClient) -> None:
    headers = {"origin": HOST, CSRF_HEADER: "the-secret", "content-type": "application/json"}
    body = b'{"text": "' + b"x" * BODY_BYTES_MAX + b'"}'
    assert client.post("/playground/run", content=body, headers=headers).status_code == 413

    def parts() -> Any:
        yield from (b"x" * 2**16 for _ in range(8))

    answer = client.post("/playground/run", content=parts(), headers=headers)
    assert answer.status_code == 413, "whatever the header says"


@pytest.mark.parametrize("body", ["", "[]", "{", '{"text": 1, "task": "x"}', "[" * 50_000])
def test_bodies_of_another_form_are_refused(client: TestClient, body: str) -> None:
    headers = {"origin": HOST, CSRF_HEADER: "the-secret"}
    answer = client.post("/playground/run", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["slug"] == "usage"


def test_a_token_opens_the_page_once(desk: Desk) -> None:
    client = open_client(desk, token="open sesame 1")
    assert client.get("/").status_code == 403
    assert client.get("/?token=wrong").status_code == 403
    answer = client.get("/?token=open+sesame+1&state=near")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?state=near")
    assert "HttpOnly; SameSite=Strict" in answer.headers["set-cookie"]


def test_the_token_is_in_a_cookie_then(desk: Desk) -> None:
    client = open_client(desk, token="sesame-sesame")
    client.get("/?token=sesame-sesame")
    assert client.get("/", headers={"cookie": "batt-8017=sesame-sesame"}).status_code == 200
    assert client.get("/", headers={"cookie": "batt-8017=sesame"}).status_code == 403


def test_a_path_of_two_slashes_leads_nowhere_else(desk: Desk) -> None:
    client = open_client(desk, token="sesame-sesame")
    answer = client.get(f"{HOST}//evil.example/?token=sesame-sesame")
    assert answer.headers["location"] == "/evil.example/"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/%5Cevil.example/", "/%5Cevil.example/"),
        ("/%09/evil.example/", "/%09/evil.example/"),
        ("/a%0D%0Aset-cookie:b", "/a%0D%0Aset-cookie%3Ab"),
        ("/a%3Fb%23c", "/a%3Fb%23c"),
    ],
)
def test_the_path_stays_the_same_without_the_token(desk: Desk, path: str, place: str) -> None:
    client = open_client(desk, token="sesame-sesame")
    assert client.get(f"{path}?token=sesame-sesame").headers["location"] == place


# Playground


def run(client: TestClient, text: str, task: str = "0000aaaa") -> dict[str, Any]:
    answer = post(client, "/playground/run", text=text, task=task)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_the_playground_runs_on_all_samples(client: TestClient) -> None:
    found = run(client, "def solve(S, I, C):\n    x1 = vmirror(I)\n    return x1\n")
    assert (found["right"], found["demos"], found["faults"]) == (2, 2, [])
    assert re.findall(r"<h2>(\w+ \d)", found["html"]) == ["demo 1", "demo 2", "test 1"]
    assert found["html"].count("right ✓") == 3
    found = run(client, "def solve(I): return hmirror(I)")
    assert found["right"] == 0
    assert 'class="diff"' in found["html"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("def solve(S, I, C):\n    x1 = vmirror(I\n", 2, "never closed"),
        ("def solve(S, I, C):\n    x1 = vmiror(I)\n    return x1\n", 2, "vmirror"),
        ("def solve(S, I, C):\n    return open('x')\n", 2, "open"),
        ("import os\nos.system('touch hacked')\n", 2, "outside of a function"),
        ("", 0, "expected a function"),
        ("def a(I): return I\ndef b(I): return I\n", 0, "expected one program, got 2"),
    ],
)
def test_faults_stand_at_their_lines(
    client: TestClient, tmp_path: Path, text: str, line: int, words: str
) -> None:
    [fault] = run(client, text)["faults"][:1]
    assert (fault["line"], fault["kind"]) == (line, "error")
    assert words in fault["text"]
    assert not list(tmp_path.rglob("hacked"))


def test_types_and_failures_stand_at_their_lines(client: TestClient) -> None:
    text = "def solve(S, I, C):\n    x1 = palette(I)\n    x2 = crop(I, x1, ONE)\n    return x2\n"
    faults = run(client, text)["faults"]
    assert {(each["line"], each["kind"]) for each in faults} == {(3, "warning"), (3, "failure")}
    assert any("wants IntegerTuple" in each["text"] for each in faults)


def test_a_program_without_end_is_ended(client: TestClient) -> None:
    lines = ["    x0 = asobject(I)", "    x1 = product(x0, x0)", "    x2 = product(x1, x1)"]
    lines += [f"    x{n} = product(x{n - 1}, x{n - 1})" for n in range(3, 7)]
    start = time.monotonic()
    found = run(client, "\n".join(["def solve(I):", *lines, "    return x6"]))
    assert time.monotonic() - start < 20
    assert {each["kind"] for each in found["faults"]} == {"failure"}


def test_a_long_program_is_refused(client: TestClient) -> None:
    answer = post(client, "/playground/run", text="#" * 30_000, task="0000aaaa")
    assert answer.status_code == 400
    assert "at most 20000 characters" in answer.json()["error"]["message"]


def test_a_program_is_saved_for_its_task(client: TestClient, desk: Desk) -> None:
    words = {"text": "def solve(I): return vmirror(I)", "task": "0000cccc"}
    answer = post(client, "/playground/save", **words)
    assert answer.json()["message"] == "saved for 0000cccc; 2 of 2 demos right"
    [(entry, _)] = desk.entries(desk.shelf["0000cccc"])
    assert (entry.source, entry.score.demos) == ("playground", (1000, 1000))
    again = post(client, "/playground/save", **words).json()["message"]
    assert again.startswith("not saved: the archive has it already")


@pytest.mark.parametrize(
    ("text", "words"),
    [("def solve(I): return crop(I, I, I)", "fails on all demos"), ("poem(", "line 1: ")],
)
def test_what_does_not_run_is_not_saved(client: TestClient, text: str, words: str) -> None:
    answer = post(client, "/playground/save", text=text, task="0000cccc")
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]


def test_the_first_program_makes_the_archive(tmp_path: Path) -> None:
    desk = make_desk(tmp_path, archive=False)
    client = open_client(desk)
    assert "Nothing is known about these tasks yet" in client.get("/").text
    post(client, "/playground/save", text="def solve(I): return vmirror(I)", task="0000aaaa")
    with Archive.open(tmp_path / "archive", create=False) as archive:
        assert len(archive.entries()) == 1


def test_the_language_is_completed_with_signatures(client: TestClient) -> None:
    words = {each["name"]: each for each in client.get("/playground/language.json").json()}
    assert words["vmirror"]["signature"].startswith("vmirror(piece: Piece)")
    assert "ORIGIN" in words


# Archives that change, results, comparisons


def test_what_another_process_saves_is_shown(client: TestClient, desk: Desk) -> None:
    assert 'class="card nothing" href="/tasks/0000cccc"' in client.get("/").text
    make_archive(desk.places[0], desk.shelf, {"0000cccc": "vmirror(I)"})
    time.sleep(1.1)
    assert 'class="card fits" href="/tasks/0000cccc"' in client.get("/").text


def test_an_archive_may_disappear(client: TestClient, desk: Desk) -> None:
    client.get("/")
    shutil.rmtree(desk.places[0])
    assert client.get("/").status_code == 200
    assert client.get("/tasks/0000aaaa").status_code == 200
    assert client.get("/run").status_code == 200


def test_a_damaged_archive_is_told(client: TestClient, desk: Desk) -> None:
    (desk.places[0] / "archive.db").write_bytes(b"no archive" * 1000)
    answer = client.get("/")
    assert answer.status_code == 404 or answer.status_code == 500
    assert "archive" in answer.text and "Traceback" not in answer.text


@pytest.mark.native
def test_results_are_compared_with_an_archive(tmp_path: Path) -> None:
    desk = make_desk(tmp_path)
    results = tmp_path / "results.jsonl"
    choice = TaskChoice(dataset=str(tmp_path / "tasks"))
    setup = EvaluationSetup(sources=("search",))
    evaluate(EvaluationRequest(choice=choice, setup=setup, results=results))
    both = Desk(desk.shelf, [desk.places[0], results])
    client = open_client(both)
    text = client.get("/compare").text
    assert "Won by the other: 3" in text and "Lost by the other: 0" in text
    assert 'src="/tasks/0000aaaa/attempts.svg?from=1"' in text
    svg = client.get("/tasks/0000aaaa/attempts.svg?from=1")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert svg.text.count('<g transform="') >= 1
    assert 'class="card right" href="/tasks/0000aaaa?from=1"' in client.get("/?from=1").text
    page = client.get("/tasks/0000aaaa?from=1").text
    assert "attempt 1 <span" in page and "right ✓" in page


def test_the_first_of_many_demos_are_shown(tmp_path: Path) -> None:
    sample = {"input": [[1, 2]], "output": [[2, 1]]}
    (tmp_path / "many.json").write_text(json.dumps({"train": [sample] * 3000, "test": [sample]}))
    client = open_client(Desk(Shelf.open(str(tmp_path / "many.json"), None), []))
    text = client.get("/tasks/many").text
    assert text.count("input of demo") == 40 and "and 2960 more demos" in text
    text = client.get("/programs/solve_67a3c6ac?task=many").text
    assert text.count('data-sample="') == 42, "a tab for each that is run, and the steps"
    found = run(client, "def solve(I): return vmirror(I)", "many")
    assert len(found["html"]) < 50_000


def test_a_thousand_tasks_are_one_page(tmp_path: Path) -> None:
    tasks = write_tasks(tmp_path / "many", [f"{number:08x}" for number in range(1000)])
    client = open_client(Desk(Shelf.open(str(tasks), None), [tmp_path / "archive"]))
    text = client.get("/").text
    assert text.count('loading="lazy"') == 1000
    assert len(text) < 600_000
    assert "<svg xmlns" not in text, "pictures come when they are seen"
    headers = client.get("/tasks/00000001/thumb.svg").headers
    assert "immutable" in headers["cache-control"]


# Runs


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ({"command": "archive"}, "expected solve or evolve"),
        ({"ids": "--archive=/etc"}, "no task"),
        ({"ids": "0000aaaa ../x"}, "no task"),
        ({"count": "1; rm"}, "count: expected a whole number"),
        ({"jobs": "999"}, "jobs: expected a whole number"),
        ({"effort": "--trace=x"}, "expected an effort"),
        ({"effort": ["quick"]}, "expected an effort"),
        ({"sources": ["command"]}, "expected sources among"),
        ({"sources": "search"}, "expected sources among"),
        ({"split": "poem"}, "expected a split"),
        ({"minutes": "-1"}, "minutes: expected"),
    ],
)
def test_only_what_the_form_offers_is_started(
    client: TestClient, words: dict[str, Any], problem: str
) -> None:
    answer = post(client, "/run/start", **words)
    assert answer.status_code == 400
    assert problem in answer.json()["error"]["message"]


def test_the_words_of_a_command(desk: Desk) -> None:
    words = {"ids": "0000aaaa, 0000bbbb", "effort": "quick", "minutes": "2", "sources": ["search"]}
    argv = read_command(words, desk)
    assert argv[:3] == ["solve", "0000aaaa", "0000bbbb"]
    assert {"--effort=quick", "--total-time=2m", "--sources=search"} <= set(argv)
    with pytest.raises(UsageError, match="no archive for a run"):
        read_command({}, Desk(desk.shelf, []))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_knows_all_words(batt: Batt, desk: Desk, command: str) -> None:
    words = {"command": command, "split": "tasks", "effort": "quick", "sources": ["search"]}
    numbers = dict.fromkeys(("start", "count", "jobs", "minutes"), "1")
    argv = read_command(words | numbers, desk)
    options = {word.partition("=")[0] for word in argv[1:]}
    assert options >= {"--start", "--count", "--jobs", "--total-time", "--sources"}
    known = batt(command, "--help").out
    assert [each for each in options if f"{each} " not in known] == []


@pytest.mark.native
def test_a_run_is_started_shown_and_recorded(client: TestClient, desk: Desk) -> None:
    with client:
        answer = post(client, "/run/start", effort="quick", jobs="1", sources=["search"])
        assert answer.json()["message"].startswith("started: batt solve --dataset=")
        assert post(client, "/run/start").status_code == 400, "one run at a time"
        for _ in range(600):
            text = client.get("/run/live").text
            if 'data-ours="0"' in text:
                break
            time.sleep(0.1)
    assert "ended with exit code 0" in text
    assert "stopped: 3 tasks done" in text
    time.sleep(1.1)
    assert 'class="card right" href="/tasks/0000cccc"' in client.get("/").text


@pytest.mark.native
def test_a_run_is_stopped(desk: Desk) -> None:
    runner = Runner()
    words = ["--search-evaluations=60000000", "--jobs=1", "--sources=search"]
    runner.start([*read_command({}, desk), *words], desk.places[0])
    while not runner.log() and runner.is_running:
        time.sleep(0.5)
        runner.stop()
    runner.close()
    assert not runner.is_running
    assert runner.code in (0, 130)


def test_ports_that_are_taken() -> None:
    with open_socket("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(UsageError, match=f"127.0.0.1 port {port}: Address already in use"):
            open_socket("127.0.0.1", port)
    with open_socket("127.0.0.1", None) as one, open_socket("127.0.0.1", None) as other:
        assert one.getsockname() != other.getsockname()


def test_documents_of_the_archive_may_be_anything(desk: Desk) -> None:
    from arcbatt.archive import RunRecord

    with Archive.open(desk.places[0]) as archive:
        run = RunRecord("solve", "2026-01-01T00:00:00+00:00", 1.0, 1.0, HOSTILE, {"settings": 7})
        attempt = {"grid": [[HOSTILE]], "md5": 3, "source": None, "confidence": "x"}
        results = {
            "0000aaaa": {"attempts": [[attempt]], "confidence": "much", "progress": None},
            "0000bbbb": [1],
            HOSTILE: {},
        }
        archive.record_run(run, json.loads(json.dumps(results)))
    client = open_client(desk)
    for path in PAGES:
        answer = client.get(path)
        assert answer.status_code == 200
        assert HOSTILE not in answer.text


def keep_attempt(desk: Desk, **change: Any) -> None:
    """Record a run with one attempt at 0000aaaa."""
    from arcbatt.archive import RunRecord

    attempt = {"grid": [[1]], "md5": "a" * 32, "source": "search", "confidence": 0.25} | change
    document = {
        "attempts": [[attempt]],
        "confidence": 0.5,
        "progress": {"seconds": 1.0},
        "problem": "",
    }
    with Archive.open(desk.places[0]) as archive:
        run = RunRecord("solve", "2026-01-01T00:00:00+00:00", 1.0, 1.0, "", {})
        archive.record_run(run, {"0000aaaa": document})


def test_an_attempt_stands_with_its_confidence(desk: Desk) -> None:
    keep_attempt(desk)
    text = open_client(desk).get("/tasks/0000aaaa").text
    assert "attempt 1" in text
    assert "from search, confidence 25" in text


def test_a_task_is_shown_though_the_engine_is_busy(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_attempt(desk, grid=[[9, 8, 7, 6]])
    monkeypatch.setattr("arcbatt.web.desk.WAIT_S", 0.01)
    with desk._running:
        answer = open_client(desk).get("/tasks/0000aaaa")
    assert answer.status_code == 200
    assert "attempt 1" in answer.text and "regularities" not in answer.text


def test_what_demos_share_and_an_attempt_breaks_is_told(desk: Desk) -> None:
    keep_attempt(desk, grid=[[9, 8, 7, 6]])
    text = open_client(desk).get("/tasks/0000aaaa").text
    pattern = r"breaks (\d+) of the demos' regularities</summary>([^<]*)<"
    [(count, names)] = re.findall(pattern, text)
    assert int(count) == len(names.split(", ")) > 1
    assert "colors_new" in names


@pytest.mark.parametrize(
    "change",
    [{"md5": "\ud800"}, {"source": "\ud800"}, {"confidence": 10**400}],
    ids=["md5", "source", "confidence"],
)
def test_an_attempt_that_can_not_be_shown_counts_as_nothing(
    desk: Desk, change: dict[str, Any]
) -> None:
    keep_attempt(desk, **change)
    answer = open_client(desk).get("/tasks/0000aaaa")
    assert answer.status_code == 200
    assert "attempt 1" not in answer.text
