"""The run: deal, then round by round breed, migrate, try elsewhere, validate, save."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from arcbatt.engine.breeder import Breeder, Findings, Island, Tally
from arcbatt.errors import ArchiveError, EngineError
from arcbatt.evolve.deal import Dealing, Pool, make_pool, without_held_out
from arcbatt.evolve.differs import guides
from arcbatt.evolve.grounds import Grounds, seeds_of
from arcbatt.evolve.herd import Herd, deal_differs, open_herd
from arcbatt.evolve.hindsight import try_elsewhere
from arcbatt.evolve.lines import to_line
from arcbatt.evolve.moves import adapt_weights, add_tallies
from arcbatt.evolve.offers import Bench, Offer, choose_offers
from arcbatt.evolve.request import Evolved, Request, Start
from arcbatt.evolve.restarts import turn_of
from arcbatt.evolve.state import State, TaskState, hold_run, load_state, save_state
from arcbatt.evolve.vocabulary import open_breeder
from arcbatt.library import DIFFERS, load_library
from arcbatt.pipeline.deal import ARCHIVE
from arcbatt.pipeline.solve import (
    choose_tasks,
    load_differs,
    open_archive_to_keep,
    opened_engine,
    opened_referee,
)
from arcbatt.pipeline.sources import load_card
from arcbatt.profile.timings import Timings
from arcbatt.tasks import load_dataset

MIGRANTS = 2
"""Best programs of an island that the next one takes in, each round."""
CHEAP_NODES = 10
"""Differs of up to so many nodes are asked about every program that an island takes."""
NO_PROGRAM = "no program that was dealt or made returns a grid for its demos"


@dataclass
class Run:
    """One run, with all that is open.

    Attributes:
        request: what was asked for.
        grounds: by task.
        pool: programs for every task.
        breeder: makes and evaluates programs.
        bench: validates them.
        state: after the last round.
        timings: filled while running.
        dealing: deals anew where islands begin anew.
        cheap: lines of the shipped differs that are asked while breeding.
        herd: breeds differs; None does not.
        saved: counted while running: programs that the archive took, new or improved.
    """

    request: Request
    grounds: Mapping[str, Grounds]
    pool: Pool
    breeder: Breeder
    bench: Bench
    state: State
    timings: Timings
    dealing: Dealing
    cheap: tuple[str, ...] = field(default_factory=lambda: cheap_differs())
    herd: Herd | None = None
    saved: int = 0

    def __post_init__(self) -> None:
        self._without = without_held_out(self.pool, self.grounds, hold_out=self.request.hold_out)
        self._sources = {dealt.program.body_hash: dealt.source for dealt in self.pool.card}

    @property
    def weights(self) -> dict[str, float]:
        """The weights of the moves in the next round."""
        return adapt_weights(self.state.tallies)

    def do_round(self) -> None:
        """Do one round and save the state after it."""
        state, timings = self.state, self.timings
        number = state.round
        tasks = state.open_tasks(keep_solved=self.request.keep_solved)
        with timings.measure("evolve.deal"):
            self._begin_anew(tasks, number)
        with timings.measure("evolve.breed"):
            found = self._breed(tasks, number)
        with timings.measure("evolve.sort"):
            offers = self._sort(tasks, found)
        with timings.measure("evolve.hindsight"):
            self._invite(tasks, found, offers, number)
        with timings.measure("evolve.validate"):
            chosen = {task: choose_offers(offers[task], state.tasks[task]) for task in tasks}
            tried = self.bench.try_offers(
                {task: self.grounds[task].task for task in tasks},
                chosen,
                states=state.tasks,
                number=number + 1,
                sources=self._sources,
            )
            state.told += tried.told
            self.saved += tried.saved
        if self.herd is not None:
            with timings.measure("evolve.differs"):
                self.herd.do_round(state)
        with timings.measure("evolve.save"):
            state.round = number + 1
            save_state(state, self.request.archive)

    def _begin_anew(self, tasks: Sequence[str], number: int) -> None:
        """Deal anew to the tasks that are not surely solved, where that is due.

        What the archive alone had to deal has no other beginning.
        """
        turn = turn_of(number)
        todo = [task for task in tasks if not self.state.tasks[task].solved_in]
        if turn and todo and self.pool.card:
            grounds = [self.grounds[task] for task in todo]
            for task, islands in self.dealing.deal(grounds, turn=turn).items():
                self.state.tasks[task].islands = islands

    def _breed(self, tasks: Sequence[str], number: int) -> dict[str, list[Findings]]:
        islands = [
            Island(
                demos=self.grounds[task].demos,
                tests=self.grounds[task].tests,
                probes=self.grounds[task].probes,
                dealt=lines,
                without=self._without[task],
                seeds=seeds_of(self.request.seed, number, task, place),
            )
            for task in tasks
            for place, lines in enumerate(self.state.tasks[task].islands)
        ]
        found = iter(
            self.breeder.breed(
                islands,
                donors=self.pool.lines,
                differs=(*self.cheap, *guides(self.state.differs)),
                weights=self.weights,
                breeding=self.request.breeding,
                threads=self.request.jobs,
            )
        )
        return {task: [next(found) for _ in self.state.tasks[task].islands] for task in tasks}

    def _sort(
        self, tasks: Sequence[str], found: Mapping[str, Sequence[Findings]]
    ) -> dict[str, list[Offer]]:
        """Take over the islands as they are now, with migrants, and return what they offer."""
        offers: dict[str, list[Offer]] = {}
        tallies: dict[str, Tally] = {}
        for task in tasks:
            known = self.state.tasks[task]
            offers[task] = []
            for findings, dealt in zip(found[task], known.islands, strict=True):
                self.state.count(findings.counts)
                for name, tally in findings.tallies.items():
                    tallies[name] = tallies.get(name, Tally()) + tally
                known.ballot.count(findings.members)
                origins = (*dealt, *self.pool.lines)
                offers[task] += [
                    Offer(
                        line=bred.line,
                        scores=bred.scores,
                        size=bred.size,
                        fuel=bred.fuel,
                        parents=tuple(origins[place] for place in bred.origins)
                        if bred.is_new
                        else (),
                        behaviour=bred.behaviour,
                    )
                    for bred in findings.members
                ]
            settle(known, found[task])
        self.state.tallies = add_tallies(self.state.tallies, tallies)
        return offers

    def _invite(
        self,
        tasks: Sequence[str],
        found: Mapping[str, Sequence[Findings]],
        offers: Mapping[str, list[Offer]],
        number: int,
    ) -> None:
        """Try what was bred on all other tasks, and let in what does well there."""
        bred = {}
        for task in tasks:
            members = [each for findings in found[task] for each in findings.members]
            members = [each for each in members if each.is_new]
            members.sort(key=lambda each: (-sum(each.scores), each.size, each.fuel, each.line))
            bred[task] = list(dict.fromkeys(each.line for each in members))
        open_grounds = {task: self.grounds[task] for task in tasks}
        guests = try_elsewhere(
            bred,
            open_grounds,
            self.bench.engine,
            self.request.breeding.budget,
            threads=self.request.jobs,
            parents={
                offer.line: offer.parents
                for task in tasks
                for offer in offers[task]
                if offer.parents
            },
        )
        for task, invited in guests.items():
            islands = self.state.tasks[task].islands
            for offer in invited:
                offers[task].append(offer)
                island = islands[number % len(islands)]
                if offer.line not in island:
                    island.append(offer.line)


def settle(known: TaskState, found: Sequence[Findings]) -> None:
    """Put the members of each island on record, with the best of the island before it."""
    lines = [[bred.line for bred in findings.members] for findings in found]
    known.islands = [
        list(dict.fromkeys([*own, *lines[place - 1][:MIGRANTS]])) for place, own in enumerate(lines)
    ]
    if not any(lines):
        known.problem = NO_PROGRAM


def cheap_differs() -> tuple[str, ...]:
    """Return lines of the shipped differs that cost little."""
    return tuple(
        to_line(source.program)
        for source in load_library(DIFFERS)
        if source.program.size <= CHEAP_NODES
    )


def evolve(
    request: Request,
    *,
    timings: Timings | None = None,
    on_start: Callable[[Start, State], None] = lambda start, state: None,
    on_round: Callable[[State], None] = lambda state: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Evolved:
    """Evolve programs as a user asked for it.

    What is found is in the archive after each round, and the state beside it, so that the same
    request goes on where it stopped, whatever stopped it.

    Args:
        request: what to evolve.
        timings: filled while running.
        on_start: is told what is known before the first round.
        on_round: is told the state after each round.
        should_stop: is asked after each round whether it was the last one.

    Raises ArcbattError if something of the request can't be read, opened or written.
    """
    timings = timings or Timings()
    started = time.monotonic()
    with ExitStack() as open_things:
        with timings.measure("evolve.open"):
            dataset = choose_tasks(
                load_dataset(request.dataset, split=request.split),
                ids=request.ids,
                start=request.start,
                count=request.count,
            )
            breeder = open_breeder(request.functions)
            loaded = load_card(
                sources=[name for name in request.sources if name != ARCHIVE],
                files=request.library,
            )
            pool = make_pool(loaded.card, breeder, size_max=request.breeding.size_max)
            grounds = {task.id: Grounds.of(task) for task in dataset}
            engine = open_things.enter_context(opened_engine("native", processes=1))
            referee = open_things.enter_context(opened_referee(engine, request.jobs))
            archive = open_things.enter_context(open_archive_to_keep(request.archive))
            dealing = Dealing(
                pool=pool,
                breeder=breeder,
                engine=engine,
                budget=request.breeding.budget,
                threads=request.jobs,
                islands=request.islands,
                population=request.population,
                size_max=request.breeding.size_max,
                seed=request.seed,
                hold_out=request.hold_out,
                archive=archive if ARCHIVE in request.sources else None,
            )
            bench = Bench(
                engine=engine,
                budget=request.budget,
                threads=request.jobs,
                referee=referee,
                differs=load_differs() if request.differs else None,
                archive=archive,
                timings=timings,
            )
        fingerprint = request.fingerprint(dataset.ids, pool.lines)
        open_things.enter_context(hold_run(request.archive, fingerprint))
        herd = open_herd(request, pool, breeder, bench, grounds)
        with timings.measure("evolve.deal"):
            state = _open_state(request, dataset.ids, dealing, grounds)
        start = Start(
            tasks=len(grounds),
            dealt=len(pool.card),
            left_out=pool.left_out,
            rounds_before=state.round,
            unreadable=loaded.unreadable,
        )
        run = Run(request, grounds, pool, breeder, bench, state, timings, dealing, herd=herd)
        stopped, interrupted = _go_on(
            run, started, lambda: on_start(start, state), on_round, should_stop
        )
    return Evolved(
        request,
        start,
        run.state,
        run.weights,
        run.saved,
        stopped,
        interrupted,
        tuple(dealing.damaged),
    )


def _open_state(
    request: Request, tasks: Sequence[str], dealing: Dealing, grounds: Mapping[str, Grounds]
) -> State:
    """Return the state that an earlier call left, or deal for a new one and save that.

    The archive is dealt from once: what it is told afterwards is in the state as well.
    """
    fingerprint = request.fingerprint(tasks, dealing.pool.lines)
    state = load_state(request.archive, fingerprint)
    if state is not None:
        _check_lines(state, dealing.breeder, request)
        return state
    dealt = dealing.deal(list(grounds.values()))
    state = State(fingerprint, {task: TaskState(islands=dealt[task]) for task in tasks})
    if request.differ_mutants:
        state.differs = deal_differs(dealing.archive, dealing.breeder, damaged=dealing.damaged)
    save_state(state, request.archive)
    return state


def _check_lines(state: State, breeder: Breeder, request: Request) -> None:
    """Check programs that come from a file; raises ArchiveError at the first that is none."""
    lines_of = {
        task: {line for island in known.islands for line in island}
        for task, known in state.tasks.items()
    }
    lines_of["comparing"] = {each.line for each in state.differs}
    for task, lines in lines_of.items():
        try:
            for line in lines:
                breeder.infer(line)
        except EngineError as error:
            raise ArchiveError(
                path=request.archive,
                problem=f"the state of the run has a broken program for {task}:"
                f" {error.context['problem']}; remove .evolve-* to begin anew",
            ) from error


def _go_on(
    run: Run,
    started: float,
    on_start: Callable[[], None],
    on_round: Callable[[State], None],
    should_stop: Callable[[], bool],
) -> tuple[str, bool]:
    """Do rounds until there is a reason to stop; return it, and whether it is an interrupt."""
    request, state = run.request, run.state
    rounds_before = state.round
    try:
        on_start()
        while True:
            reason = _reason(run, started, rounds_before)
            if reason:
                return f"stopped: {reason}", False
            run.do_round()
            on_round(state)
            if should_stop():
                return f"stopped: asked to, after {_rounds(state.round)}", False
    except KeyboardInterrupt:
        kept = load_state(request.archive, state.fingerprint) or state
        run.state = kept
        return f"stopped: interrupted after {_rounds(kept.round)}", True


def _reason(run: Run, started: float, rounds_before: int) -> str:
    """Return why no further round is done; empty if one is."""
    request, state = run.request, run.state
    if not state.open_tasks(keep_solved=request.keep_solved):
        if state.solved:
            unfit = sum(bool(known.problem) for known in state.tasks.values())
            others = f"; no program fits {unfit} other" if unfit else ""
            return f"{_tasks(state.solved)} solved after {_rounds(state.round)}{others}"
        return f"no program fits any of {_tasks(len(state.tasks))}"
    if state.round >= request.rounds:
        if state.round == rounds_before:
            verb = "was" if state.round == 1 else "were"
            return f"{_rounds(state.round)} {verb} done before; a larger number of rounds goes on"
        return f"{_rounds(state.round)} done"
    minutes = (time.monotonic() - started) / 60
    if request.minutes is not None and minutes >= request.minutes:
        return f"{request.minutes:g} minutes are over after {_rounds(state.round)}"
    return ""


def _rounds(number: int) -> str:
    return f"{number} round" + ("" if number == 1 else "s")


def _tasks(number: int) -> str:
    return f"{number} task" + ("" if number == 1 else "s")
