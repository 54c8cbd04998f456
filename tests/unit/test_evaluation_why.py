"""Why tasks are not solved: classes, what search lacks, what is not said of evaluation tasks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.commands import Batt

from arcbatt.evaluation import why
from arcbatt.evaluation.judge import InputRecord, TaskRecord, add_up
from arcbatt.evaluation.measure import Effort, Setup
from arcbatt.evaluation.run import Evaluated, Request, evaluate
from arcbatt.evaluation.why import Class, Reasons, Want, find_reasons, is_for_measuring
from arcbatt.program.parse import parse_program
from arcbatt.report.why import held_back, reasons_document
from arcbatt.search.price import Lack
from arcbatt.search.run import Limits
from arcbatt.tasks import Dataset, Sample, Task, load_dataset

pytest.importorskip("arcbatt._engine")

RIGHT = InputRecord(1, True, True)
THIRD = InputRecord(3, True, True)
NOT_CHOSEN = InputRecord(None, True, True)
MISSED = InputRecord(None, False, True)


def record(task: str, *tests: InputRecord, fitting: int = 0, problem: str = "") -> TaskRecord:
    return TaskRecord(
        task=task,
        nodes_max=900,
        mutants_max=0,
        tests=tests or (MISSED,),
        programs=(),
        fitting=fitting,
        source="",
        layers=None,
        right=None,
        effort=Effort(nodes=700 if fitting else 900),
        reason="",
        problem=problem,
    )


def evaluated(
    *records: TaskRecord, name: str = "mine", split: str | None = None, attempts: int = 2
) -> Evaluated:
    sample = Sample(((1,),), ((1,),))
    tasks = [Task(each.task, (sample,), (sample,)) for each in records]
    dataset = Dataset(name, tasks, split=split)
    request = Request(setup=Setup(search=Limits(nodes=900)), attempts=attempts)
    totals = add_up(records, tasks, attempts=attempts)
    return Evaluated(request, dataset, records, totals, (), "stopped", True)


RECORDS = (
    record("a", RIGHT),
    record("b", THIRD, fitting=9),
    record("c", NOT_CHOSEN, RIGHT, fitting=4),
    record("d", MISSED, RIGHT, fitting=1),
    record("e"),
    record("f", problem="its process died twice"),
)


class TestClasses:
    def test_each_task_that_is_not_solved_has_one(self) -> None:
        reasons = find_reasons(evaluated(*RECORDS))
        assert {each.record.task: each.kind for each in reasons.reasons} == {
            "b": Class.NOT_RANKED,
            "c": Class.NOT_RANKED,
            "d": Class.WRONG,
            "e": Class.UNKNOWN,
            "f": Class.LOST,
        }
        assert reasons.tasks == 6
        assert list(reasons.counts.items()) == [
            (Class.LOST, 1),
            (Class.NOT_RANKED, 2),
            (Class.WRONG, 1),
            (Class.UNKNOWN, 1),
        ]

    def test_a_task_without_known_outputs_is_not_wrong(self) -> None:
        open_one = record("a", InputRecord(None, False, False), RIGHT, fitting=3)
        reasons = find_reasons(evaluated(open_one))
        assert reasons.counts == {Class.UNANSWERED: 1}
        assert held_back(reasons.reasons[0], reasons) == ""

    def test_the_attempts_that_count_decide(self) -> None:
        solved = {each.record.task for each in find_reasons(evaluated(*RECORDS)).reasons}
        more = {each.record.task for each in find_reasons(evaluated(*RECORDS, attempts=3)).reasons}
        assert solved - more == {"b"}

    def test_a_line_says_what_holds_a_task_back(self) -> None:
        reasons = find_reasons(evaluated(*RECORDS))
        lines = {each.record.task: held_back(each, reasons) for each in reasons.reasons}
        assert lines == {
            "b": "9 programs fit, right at attempt 3",
            "c": "4 programs fit",
            "d": "1 program fits, which ended search after 700 nodes",
            "e": "",
            "f": "its process died twice",
        }


class TestEvaluationSplits:
    def test_they_are_known_by_their_names_and_by_their_tasks(self) -> None:
        [measured, *_] = load_dataset("arc-agi-1", split="evaluation").ids
        assert is_for_measuring(load_dataset("arc-agi-1", split="evaluation"))
        assert is_for_measuring(load_dataset("arc-agi-2", split="evaluation"))
        # Beware: it holds evaluation tasks of ARC-AGI-1.
        assert is_for_measuring(load_dataset("arc-agi-2", split="training"))
        assert is_for_measuring(evaluated(record("a"), record(measured)).dataset)
        assert is_for_measuring(evaluated(record("a"), split="evaluation").dataset)
        assert not is_for_measuring(load_dataset("arc-agi-1", split="training"))
        assert not is_for_measuring(load_dataset("arc-agi-1", split="development"))
        assert not is_for_measuring(evaluated(record("a")).dataset)

    def test_only_counts_that_need_no_program_are_told(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def looked_at() -> None:
            raise AssertionError("a program was looked at")

        monkeypatch.setattr(why, "_known_programs", looked_at)
        reasons = find_reasons(evaluated(*RECORDS, split="evaluation"))
        assert reasons.counts == {
            Class.LOST: 1,
            Class.NOT_RANKED: 2,
            Class.WRONG: 1,
            Class.NOTHING: 1,
        }
        assert reasons.is_closed
        assert reasons_document(reasons) == {
            "classes": dict(reasons.counts),
            "tasks": [],
            "lacks": [],
            "growth": None,
        }


@pytest.fixture(scope="module")
def reasons() -> Reasons:
    """Return the reasons of tasks of which one has no known program."""
    return find_reasons(
        evaluate(
            Request(
                dataset="arc-agi-1",
                split="training",
                ids=("09629e4f", "46f33fce", "150deff5"),
                setup=Setup(search=Limits(nodes=400)),
            )
        )
    )


class TestKnownPrograms:
    def test_they_tell_what_search_lacks_from_what_is_too_far(self, reasons: Reasons) -> None:
        by_task = {each.record.task: each for each in reasons.reasons}
        assert {task: each.kind for task, each in by_task.items()} == {
            "09629e4f": Class.NOT_EXPRESSIBLE,
            "150deff5": Class.UNKNOWN,
            "46f33fce": Class.NOT_FOUND,
        }
        lack = Lack("type", "Callable[[Grid], Tuple[Grid]]")
        lacking = by_task["09629e4f"]
        assert lacking.bits_short is not None and lacking.bits_short > 20
        assert reasons.wants == [Want(lack, 1, 1, lacking.bits_short)]
        assert held_back(by_task["09629e4f"], reasons) == f"search lacks {lack}"
        assert by_task["150deff5"].known is None

    def test_the_part_that_would_do_as_one_call_is_written(self, reasons: Reasons) -> None:
        part = parse_program("def solve(S, I, C):\n    return vmirror(rot90(I))\n").program
        changed = replace(
            reasons, reasons=tuple(replace(each, part=part) for each in reasons.reasons)
        )
        parts = [each["part"] for each in reasons_document(changed)["tasks"]]
        assert parts == ["vmirror(rot90(I))"] * 3

    def test_what_is_too_far_is_reckoned_in_nodes(self, reasons: Reasons) -> None:
        [far] = [each for each in reasons.reasons if each.kind is Class.NOT_FOUND]
        assert far.known is not None and far.level is not None
        assert far.bits_short == far.known.way.bits - far.level > 5
        assert reasons.growth is not None and 1 < reasons.growth < 4
        doublings = reasons.nodes_bits(far)
        assert doublings is not None and 0 < doublings < 2 * far.bits_short
        assert f"{far.bits_short} bits too far: about 2^" in held_back(far, reasons)

    def test_what_lacks_nothing_within_the_level_is_in_reach(self, reasons: Reasons) -> None:
        [far] = [each for each in reasons.reasons if each.kind is Class.NOT_FOUND]
        assert far.known is not None
        near = replace(far, level=far.known.way.bits)
        assert near.bits_short == 0
        assert held_back(near, reasons).endswith("within reach")
        over = replace(far.known, way=replace(far.known.way, over="Integer at 20 of 14 bits"))
        assert held_back(replace(far, known=over), reasons).endswith("but Integer at 20 of 14 bits")
        dropped = replace(far.known, dropped="ofcolor is empty on all demos")
        assert held_back(replace(far, known=dropped), reasons).endswith(
            "but ofcolor is empty on all demos"
        )


@pytest.mark.usefixtures("place")
class TestCommand:
    SET = ("--dataset", "tasks", "--search-nodes", "1", "--jobs", "1")

    @pytest.fixture(autouse=True)
    def no_learners(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let nothing be found."""
        monkeypatch.setattr("arcbatt.search.learners.LEARNERS", ())

    def test_tables_follow_the_results(self, batt: Batt) -> None:
        answer = batt("eval", *self.SET, "--why")
        assert answer.code == 0
        lines = [line.rstrip() for line in answer.out.splitlines()]
        assert "no known program      3  100.0 %" in lines
        assert any(line.startswith("0000aaaa  no known program") for line in lines)
        assert lines[-1] == "stopped: 3 tasks measured"

    def test_json_has_them(self, batt: Batt) -> None:
        document = batt("eval", *self.SET, "--why", "--json").json
        assert document["why"]["classes"] == {"no known program": 3}
        assert [each["task"] for each in document["why"]["tasks"]] == [
            "0000aaaa",
            "0000bbbb",
            "0000cccc",
        ]
        assert batt("eval", *self.SET, "--json").json["why"] is None

    def test_of_an_evaluation_split_it_counts_only(self, batt: Batt, place: Path) -> None:
        (place / "all").mkdir()
        (place / "tasks").rename(place / "all" / "evaluation")
        words = ("--dataset", "all", "--split", "evaluation", "--search-nodes", "1", "--jobs", "1")
        answer = batt("eval", *words, "--why")
        assert "nothing fits" in answer.out
        assert "no known program" not in answer.out
        assert "for measuring only" in answer.err
        document = batt("eval", *words, "--why", "--json").json["why"]
        assert (document["classes"], document["tasks"]) == ({"nothing fits": 3}, [])

    def test_it_is_said_of_search_only(self, batt: Batt) -> None:
        answer = batt("eval", *self.SET, "--sources", "library", "--why", "--json")
        assert (answer.code, answer.out) == (2, "")
        assert "the source 'search'" in answer.err
