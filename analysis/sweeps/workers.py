"""Where work is done: in processes of this machine, or on a Dask cluster that is there already.

Both take a function of one argument, which is sent to the workers by name, and yield each item with its result as soon
as it is done. Few items are under way at a time, so that results never pile up.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from itertools import islice
from multiprocessing import get_context
from typing import Any

from analysis.report import digest

#: Items under way for each worker.
_AHEAD = 2
_ANSWER_SECONDS = 8


class WorkersError(RuntimeError):
    """Workers that can't be reached or used; the message says which, and why."""


def here(jobs: int) -> Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[tuple[Any, Any]]]:
    """Return workers that are `jobs` processes of this machine."""

    def work(function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        waiting = iter(items)
        pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))
        try:
            running = {pool.submit(function, item): item for item in islice(waiting, _AHEAD * jobs)}
            while running:
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    item = running.pop(future)
                    running |= {pool.submit(function, other): other for other in islice(waiting, 1)}
                    yield item, future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    return work


def cluster(address: str) -> Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[tuple[Any, Any]]]:
    """Return workers that are those of the Dask scheduler at `address`.

    Work of a worker that dies is done by another. The workers have to run this very version of the package, or
    results would not be the same. Raises WorkersError.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise WorkersError(
            "--scheduler needs the package distributed: pip install distributed, or the repository's '.[cluster]'"
        ) from None

    def work(function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        try:
            client = Client(address, timeout=_ANSWER_SECONDS)
        except (OSError, ValueError, TimeoutError) as exc:
            raise WorkersError(f"no Dask scheduler answers at {address!r}: {str(exc).splitlines()[0]}") from None
        with client:
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
