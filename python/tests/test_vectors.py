"""Runs every vector of `tests/vectors` against `Client` and against `AsyncClient`, each with an emulator of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from runtime_support import PATIENCE
from vectors import Case, Outcome, cases, judge, record

from midjourney_imagine import AsyncClient, Client, Emulator, MidjourneyError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from midjourney_imagine import AsyncUpdates, Updates


CASES = cases()
AT_ONCE = 16
"""Cases under way at once: most of them wait."""


def run_blocking(case: Case) -> list[str]:
    with Emulator() as emulator:
        emulator.script(case.replies)
        outcome = Outcome()
        try:
            with Client(**case.settings(emulator)) as client:
                call_blocking(case, client, emulator, outcome)
        except MidjourneyError as error:
            outcome.error = error
        return judge(case, outcome, emulator)


def call_blocking(case: Case, client: Client, emulator: Emulator, outcome: Outcome) -> None:
    options = case.call.get("options", {})
    match case.call["verb"]:
        case "parse":
            outcome.give_image(client.image(case.call["text"]))
        case "imagine" | "act" if "cancel_when_requested" in case.call:
            # A blocking call is left by an exception in its own thread; here the thread of the whole case leaves.
            leave_blocking(case, client, emulator)
        case "imagine":
            outcome.give_image(client.imagine(case.call["prompt"], on_progress=outcome.hear, **options))
        case "act":
            method = getattr(client.image(case.image()), case.call["method"])
            outcome.give_image(method(*case.act_arguments(), on_progress=outcome.hear, **options))
        case "submit":
            outcome.give_task(client.submit(case.call["prompt"], **options))
        case "stream":
            read_blocking(case, client.stream(case.call["prompt"], **options), outcome)
        case "result":
            outcome.give_image(client.stream(case.call["prompt"], **options).result())
        case "stream_action":
            read_blocking(case, client.image(case.image()).stream(*case.act_arguments(), **options), outcome)
        case "submit_action":
            outcome.give_task(client.image(case.image()).submit(*case.act_arguments(), **options))
        case "task":
            outcome.give_task(client.task(case.call["id"]))
        case "task_by_trace":
            outcome.give_task(client.task(trace_id=case.call["trace_id"]))
        case "tasks":
            found = client.tasks(case.call["ids"])
            outcome.task_ids = [task.task_id if task else None for task in found]
        case verb:
            pytest.fail(f"{case.id}: the runner knows no verb {verb}")


def read_blocking(case: Case, opened: Updates, outcome: Outcome) -> None:
    with opened as updates:
        try:
            for update in updates:
                outcome.give_update(update)
                if len(outcome.updates) == case.call.get("cancel_after_updates"):
                    break
        finally:
            outcome.task_id = updates.task_id


def leave_blocking(case: Case, client: Client, emulator: Emulator) -> None:
    """Leave a blocking call as Ctrl-C does: by a signal, in a process of its own."""
    import signal
    import subprocess
    import sys

    program = (
        "import sys, midjourney_imagine as m\n"
        "client = m.Client(token='t', base_url=sys.argv[1], poll_interval=float(sys.argv[2]))\n"
        "client.imagine(sys.argv[3])\n"
    )
    arguments = [client.base_url, str(case.client.get("poll_interval", 2)), case.call["prompt"]]
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stderr=subprocess.PIPE,
    )
    with process:
        emulator.journal(requests=1, path=case.call["cancel_when_requested"], wait_seconds=PATIENCE)
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate()
    assert b"KeyboardInterrupt" in complaint, complaint.decode()


async def run_async(case: Case) -> list[str]:
    async with Emulator() as emulator:
        emulator.script(case.replies)
        outcome = Outcome()
        try:
            async with AsyncClient(**case.settings(emulator)) as client:
                await call_async(case, client, emulator, outcome)
        except MidjourneyError as error:
            outcome.error = error
        # Waiting for the journal blocks, and the other cases share the loop.
        return await asyncio.to_thread(judge, case, outcome, emulator)


async def call_async(case: Case, client: AsyncClient, emulator: Emulator, outcome: Outcome) -> None:
    options = case.call.get("options", {})
    match case.call["verb"]:
        case "parse":
            outcome.give_image(client.image(case.call["text"]))
        case "imagine":
            waiting = client.imagine(case.call["prompt"], on_progress=outcome.hear, **options)
            if "cancel_when_requested" in case.call:
                await leave_async(case, waiting, emulator)
            else:
                outcome.give_image(await waiting)
        case "act":
            method = getattr(client.image(case.image()), case.call["method"])
            outcome.give_image(await method(*case.act_arguments(), on_progress=outcome.hear, **options))
        case "submit":
            outcome.give_task(await client.submit(case.call["prompt"], **options))
        case "stream":
            await read_async(case, client.stream(case.call["prompt"], **options), outcome)
        case "result":
            outcome.give_image(await client.stream(case.call["prompt"], **options).result())
        case "stream_action":
            await read_async(case, client.image(case.image()).stream(*case.act_arguments(), **options), outcome)
        case "submit_action":
            outcome.give_task(await client.image(case.image()).submit(*case.act_arguments(), **options))
        case "task":
            outcome.give_task(await client.task(case.call["id"]))
        case "task_by_trace":
            outcome.give_task(await client.task(trace_id=case.call["trace_id"]))
        case "tasks":
            found = await client.tasks(case.call["ids"])
            outcome.task_ids = [task.task_id if task else None for task in found]
        case verb:
            pytest.fail(f"{case.id}: the runner knows no verb {verb}")


async def read_async(case: Case, opened: AsyncUpdates, outcome: Outcome) -> None:
    async with opened as updates:
        try:
            async for update in updates:
                outcome.give_update(update)
                if len(outcome.updates) == case.call.get("cancel_after_updates"):
                    break
        finally:
            outcome.task_id = updates.task_id


async def leave_async(case: Case, waiting: Coroutine[Any, Any, Any], emulator: Emulator) -> None:
    """Cancel a call as soon as a path was requested."""
    call = asyncio.create_task(waiting)
    path = case.call["cancel_when_requested"]
    await asyncio.to_thread(emulator.journal, requests=1, path=path, wait_seconds=PATIENCE)
    call.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await call
    assert call.cancelled()


class Runs:
    """All cases, under way in the background: most of them wait, so one after the other takes minutes."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE)
        self._blocking = {case.id: self._threads.submit(run_blocking, case) for case in CASES}
        self._async: dict[str, Future[list[str]]] = {case.id: Future() for case in CASES}
        self._loop = threading.Thread(target=lambda: asyncio.run(self._run_async()))
        self._loop.start()

    async def _run_async(self) -> None:
        places = asyncio.Semaphore(AT_ONCE)

        async def one(case: Case) -> None:
            try:
                async with places:
                    self._async[case.id].set_result(await run_async(case))
            except BaseException as error:  # noqa: BLE001 - it is the test's
                self._async[case.id].set_exception(error)

        await asyncio.gather(*map(one, CASES))

    def problems(self, client: str, case: Case) -> list[str]:
        return (self._blocking if client == "Client" else self._async)[case.id].result(timeout=2 * PATIENCE)

    def close(self) -> None:
        self._threads.shutdown()
        self._loop.join()


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    runs = Runs()
    yield runs
    runs.close()


@pytest.mark.parametrize("client", ["Client", "AsyncClient"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_vector(case: Case, client: str, runs: Runs) -> None:
    problems = runs.problems(client, case)
    record(f"python-{client}", case.id)
    assert not problems, f"{case.about}\n" + "\n".join(problems)


def test_ids_are_unique_and_known() -> None:
    """Rust runs `cases()` of the same files; so many ids must come of them here too."""
    assert len({case.id for case in CASES}) == len(CASES) > 200
