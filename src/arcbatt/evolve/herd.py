"""The differs of a run, round by round: measured, bred, and told to the archive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from arcbatt.archive import Archive, NewEntry
from arcbatt.archive.records import DIFFER
from arcbatt.batt import merge
from arcbatt.differs import Differs
from arcbatt.engine import Budget
from arcbatt.engine.breeder import Breeder
from arcbatt.errors import ArchiveError, EngineError
from arcbatt.evolve.deal import Pool
from arcbatt.evolve.differs import KEPT_MAX, DifferBreeding, KnownDiffer, shipped_differs
from arcbatt.evolve.evidence import gather_evidence
from arcbatt.evolve.grounds import Grounds
from arcbatt.evolve.lines import from_line, to_line
from arcbatt.evolve.offers import SOURCE, Bench
from arcbatt.evolve.request import Request
from arcbatt.evolve.state import State
from arcbatt.pipeline.deal import ARCHIVE, deal_archive
from arcbatt.pipeline.differs import differ_entries, score_nearness, tally
from arcbatt.pipeline.filter import filter_candidates
from arcbatt.pipeline.score import merge_cards, score_candidates
from arcbatt.pipeline.work import Card, Dealt, Verdict, Work
from arcbatt.profile.timings import Timings
from arcbatt.program.graph import Program

RIGHT_MAX = 2
"""The best programs of each island that evidence is made from, where they are right."""
DONORS = 50
"""About so many programs of the pool lend parts to differs."""
BATCH = 20
"""Tasks that go through the phases together."""


@dataclass(frozen=True)
class Herd:
    """Breeds differs beside the programs of a run.

    Attributes:
        breeding: how.
        grounds: by task.
        archive: is told of new differs.
        budget: bounds of what the archive is told.
        seed: of the run.
        timings: filled while running.
        read: programs of the archive that were read, by md5.
    """

    breeding: DifferBreeding
    grounds: Mapping[str, Grounds]
    archive: Archive
    budget: Budget
    seed: int
    timings: Timings
    read: dict[str, Program] = field(default_factory=dict)

    def do_round(self, state: State) -> None:
        """Breed differs on what the solved tasks tell.

        The archive is told of those that stay for a second round: on evidence that they were not
        chosen by.

        Raises ArchiveError if the archive can't be written.
        """
        seed = f"{self.seed}/{state.round}/differs"
        evidence = gather_evidence(
            {
                task: [line for island in known.islands for line in island[:RIGHT_MAX]]
                for task, known in state.tasks.items()
                if known.is_solved
            },
            self.grounds,
            self.breeding.breeder,
            self.breeding.engine,
            self.breeding.budget,
            threads=self.breeding.threads,
            seed=seed,
        )
        if not evidence.trials:
            return
        number = state.round + 1
        state.differs = self.breeding.breed(state.differs, evidence, number=number, seed=seed)
        self._tell([each for each in state.differs if 0 < each.round < number and not each.told])
        state.differs = [
            replace(each, told=not each.shipped and each.round < number) for each in state.differs
        ]

    def _tell(self, new: Sequence[KnownDiffer]) -> None:
        if not new:
            return
        batt = merge((each.name, from_line(each.line)) for each in new)
        differs = Differs(tuple(names[0] for names in batt.names), batt.programs, batt)
        parents = {from_line(each.line).body_hash: each.parents for each in new}
        tasks = sorted(set(self.archive.tasks()) & set(self.grounds))
        entries: list[NewEntry] = []
        for start in range(0, len(tasks), BATCH):
            works = self._score(tasks[start : start + BATCH], differs)
            entries += [
                replace(entry, source=SOURCE, parents=parents[entry.program.body_hash])
                for entry in differ_entries(works, differs)
            ]
        self.archive.add_many(entries)

    def _score(self, tasks: Sequence[str], differs: Differs) -> list[Work]:
        """Put the archive's solvers through the phases that say what differs gain by them."""
        engine, threads, timings = self.breeding.engine, self.breeding.threads, self.timings
        works = [Work(self.grounds[task].task, card=self._card(task)) for task in tasks]
        works = [work for work in works if work.card]
        merge_cards(works)
        score_candidates(works, engine, self.budget, threads=threads, timings=timings)
        for work in works:
            filter_candidates(work)
        score_nearness(works, differs, engine, self.budget, threads=threads, timings=timings)
        for work in works:
            # They passed when the archive was told of them.
            for candidate in work.candidates:
                candidate.md5 = candidate.program.md5
            work.verdicts = [Verdict(candidate, None) for candidate in work.candidates]
            tally(work)
        return works

    def _card(self, task: str) -> Card:
        """Return what the archive keeps for a task; each program is read once in a run."""
        for dealt in deal_archive(self.archive, task, known=self.read):
            self.read[dealt.name] = dealt.program
        return tuple(
            Dealt(entry.md5, self.read[entry.md5], ARCHIVE)
            for entry in self.archive.entries(task)
            if entry.md5 in self.read
        )


def open_herd(
    request: Request, pool: Pool, breeder: Breeder, bench: Bench, grounds: Mapping[str, Grounds]
) -> Herd | None:
    """Return what breeds the differs of a run; None if it breeds none."""
    if not request.differ_mutants:
        return None
    held = {place for task in grounds for place in pool.held_out(task) if request.hold_out}
    donors = [line for place, line in enumerate(pool.lines) if place not in held]
    breeding = DifferBreeding(
        breeder=breeder,
        engine=bench.engine,
        # No clock: all children are compared in one batt, and what is found must not depend on it.
        budget=replace(request.breeding.budget, sample_seconds=None),
        threads=request.jobs,
        donors=donors[:: max(1, len(donors) // DONORS)],
        children=request.differ_mutants,
    )
    return Herd(breeding, grounds, bench.archive, request.budget, request.seed, bench.timings)


def deal_differs(
    archive: Archive | None, breeder: Breeder, *, damaged: list[ArchiveError]
) -> list[KnownDiffer]:
    """Return the shipped differs and evolved ones of an archive: those of the most tasks.

    Args:
        archive: to read; None for the shipped ones alone.
        breeder: tells which are well typed.
        damaged: gets an error for each program that can't be read.
    """
    shipped = shipped_differs()
    tasks: dict[str, int] = {}
    for entry in archive.entries(kind=DIFFER) if archive is not None else ():
        if entry.source == SOURCE:
            tasks[entry.md5] = tasks.get(entry.md5, 0) + 1
    known = {from_line(each.line).md5 for each in shipped}
    dealt: list[KnownDiffer] = []
    for md5 in sorted(tasks.keys() - known, key=lambda md5: (-tasks[md5], md5))[:KEPT_MAX]:
        assert archive is not None
        try:
            line = to_line(archive.load(md5, kind=DIFFER))
            if breeder.infer(line) is not None:
                parents = archive.parents(md5, kind=DIFFER)
                dealt.append(KnownDiffer(f"differ_{md5[:8]}", line, parents=parents, told=True))
        except ArchiveError as error:
            damaged.append(error)
        except EngineError:  # it calls a primitive without a kernel
            continue
    return [*shipped, *dealt]
