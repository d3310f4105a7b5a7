"""Where work is done: in processes of this machine, or on a Dask cluster that is there already.

Both take a function of one argument, which is sent to the workers by name, and yield each item with its result as soon
as it is done. Few items are under way at a time, so that results never pile up. Work of a worker that dies is done by
another.
"""

import logging
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing import connection, get_context
from threading import current_thread, main_thread
from typing import Any

from analysis.report import digest

#: Items under way for each worker of a cluster.
_AHEAD = 2
_ANSWER_SECONDS = 8
#: Processes that may die one after the other while none finishes anything.
_MOST_DEATHS = 3


class WorkersError(RuntimeError):
    """Workers that can't be reached or used; the message says which, and why."""


@dataclass(frozen=True)
class _Worker:
    """A process of this machine, and the pipe on which it gets items and answers (whether it could, and the result)."""

    process: Any
    pipe: connection.Connection


def here(jobs: int) -> Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[tuple[Any, Any]]]:
    """Return workers that are `jobs` processes of this machine. Raises WorkersError if they keep dying."""

    def work(function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        waiting, again = iter(items), list[Any]()
        doing: dict[Any, tuple[_Worker, Any]] = {}
        idle: list[_Worker] = []
        deaths = 0

        def give_out() -> None:
            while len(doing) < jobs:
                item = [again.pop()] if again else list(islice(waiting, 1))
                if not item:
                    return
                worker = idle.pop() if idle else _started(function)
                doing[worker.pipe] = worker, item[0]
                with suppress(OSError):  # it died; its pipe tells so below
                    worker.pipe.send(item[0])

        try:
            give_out()
            while doing:
                for pipe in connection.wait(list(doing)):
                    worker, item = doing.pop(pipe)
                    try:
                        could, result = pipe.recv()
                    except (EOFError, OSError):
                        deaths += 1
                        again.append(item)
                        if deaths > _MOST_DEATHS:
                            raise WorkersError(_dying(deaths, worker.process)) from None
                        give_out()
                        continue
                    if not could:
                        raise result
                    deaths = 0
                    idle.append(worker)
                    give_out()
                    yield item, result
        finally:
            for worker in (*idle, *(worker for worker, _ in doing.values())):
                worker.process.kill()

    return work


def _started(function: Callable[[Any], Any]) -> _Worker:
    """Return a new process, to which Ctrl-C says nothing: it ends when its pipe does."""
    ours, theirs = connection.Pipe()
    process = get_context("spawn").Process(target=_serve, args=(theirs, function), daemon=True)
    with _without_interrupts():
        process.start()
    theirs.close()
    return _Worker(process, ours)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ignore Ctrl-C, as processes that are started meanwhile do from then on; only the main thread can."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _serve(pipe: connection.Connection, function: Callable[[Any], Any]) -> None:
    """Answer items with what `function` makes of them, as long as someone asks."""
    with suppress(EOFError, BrokenPipeError):
        while True:
            item = pipe.recv()
            try:
                answer = True, function(item)
            except Exception as exc:  # raised again where it was asked for
                answer = False, exc
            pipe.send(answer)


def _dying(deaths: int, process: Any) -> str:
    process.join()
    return (
        f"{deaths} worker processes died one after the other, the last with exit status {process.exitcode}, perhaps for "
        "want of memory; the same command goes on with what is missing, --jobs 1 takes the least memory"
    )


def cluster(address: str) -> Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[tuple[Any, Any]]]:
    """Return workers that are those of the Dask scheduler at `address`.

    The workers have to run this very version of the package, or results would not be the same. Raises WorkersError.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise WorkersError(
            "--scheduler needs the package distributed: pip install distributed, or the repository's '.[cluster]'"
        ) from None

    def work(function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        for name in ("distributed", "distributed.client"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what went wrong is said below, in one line
        try:
            client = Client(address, timeout=_ANSWER_SECONDS)
        except (OSError, ValueError, TimeoutError) as exc:
            raise WorkersError(f"no Dask scheduler answers at {address!r}: {str(exc).splitlines()[0]}") from None
        with _named(address), client:
            count = len(client.scheduler_info()["workers"])
            if not count:
                raise WorkersError(f"the Dask scheduler at {address!r} has no workers")
            _check_version(client, digest.package())
            waiting = iter(items)
            running = as_completed([_submitted(client, function, item) for item in islice(waiting, _AHEAD * count)])
            for future in running:
                item, result = future.result()
                for other in islice(waiting, 1):
                    running.add(_submitted(client, function, other))
                future.release()
                yield item, result

    return work


@contextmanager
def _named(address: str) -> Iterator[None]:
    """Raise WorkersError for a scheduler that goes away, or whose workers all die of one piece of work."""
    from distributed import CancelledError, KilledWorker
    from distributed.comm import CommClosedError

    try:
        yield
    except KilledWorker as exc:
        raise WorkersError(f"workers of the Dask scheduler at {address!r} keep dying: {str(exc).splitlines()[0]}") from None
    except (CancelledError, CommClosedError, TimeoutError):
        raise WorkersError(
            f"the Dask scheduler at {address!r} is gone; start one, and the same command goes on with what is missing"
        ) from None


def _submitted(client: Any, function: Callable[[Any], Any], item: Any) -> Any:
    return client.submit(_with_item, function, item, pure=False)


def _with_item(function: Callable[[Any], Any], item: Any) -> tuple[Any, Any]:
    return item, function(item)


def _check_version(client: Any, mine: str) -> None:
    try:
        others = client.run(digest.package)
    except Exception as exc:  # whatever a worker raises comes back as it is
        raise WorkersError(f"a Dask worker can't use the package analysis: {exc}; install it there") from None
    stale = sorted(worker for worker, theirs in others.items() if theirs != mine)
    if stale:
        raise WorkersError(f"these Dask workers run another version of the package analysis: {', '.join(stale)}")
