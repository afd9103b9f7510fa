"""Calls per second and processor time of this package beside httpx and aiohttp, which do the same exchange, in one run.

Each call submits a generation and reads the task's id from the answer. The service is an emulator in a process of its
own, so that its work is not counted; it shares the machine, so trust the processor seconds and the ratios most.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import uvloop

from midjourney_imagine import AsyncClient, Client, Emulator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ROUNDS = 3
AT_ONCE = 64
THREADS = 16
PATH = "/midjourney/imagine"
HEADERS = {"authorization": "Bearer bench-token", "accept": "application/x-ndjson", "content-type": "application/json"}
BODY = json.dumps({"prompt": "A cat", "async": True})


async def at_once(calls: int, call: Callable[[], Awaitable[Any]]) -> None:
    left = iter(range(calls))

    async def work() -> None:
        for _ in left:
            await call()

    await asyncio.gather(*[work() for _ in range(AT_ONCE)])


async def with_httpx(url: str, calls: int) -> None:
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    async with httpx.AsyncClient(base_url=url, headers=HEADERS, limits=limits) as client:

        async def call() -> None:
            answer = await client.post(PATH, content=BODY)
            assert answer.json()["task_id"]

        await at_once(calls, call)


async def with_aiohttp(url: str, calls: int) -> None:
    async with AsyncExitStack() as stack:
        connector = aiohttp.TCPConnector(limit=AT_ONCE)
        client = await stack.enter_async_context(aiohttp.ClientSession(url, headers=HEADERS, connector=connector))

        async def call() -> None:
            async with client.post(PATH, data=BODY) as answer:
                assert (await answer.json(content_type=None))["task_id"]

        await at_once(calls, call)


async def with_ours(url: str, calls: int) -> None:
    client = AsyncClient(base_url=url, token="bench-token")

    async def call() -> None:
        assert (await client.submit("A cat")).task_id

    await at_once(calls, call)


def in_threads(calls: int, call: Callable[[], None]) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(call) for _ in range(calls)]:
            done.result()


def blocking_httpx(url: str, calls: int) -> None:
    limits = httpx.Limits(max_connections=THREADS, max_keepalive_connections=THREADS)
    with httpx.Client(base_url=url, headers=HEADERS, limits=limits) as client:

        def call() -> None:
            assert client.post(PATH, content=BODY).json()["task_id"]

        in_threads(calls, call)


def blocking_ours(url: str, calls: int) -> None:
    client = Client(base_url=url, token="bench-token")

    def call() -> None:
        assert client.submit("A cat").task_id

    in_threads(calls, call)


def on_asyncio(run: Callable[[str, int], Any]) -> Callable[[str, int], None]:
    return lambda url, calls: asyncio.run(run(url, calls))


def on_uvloop(run: Callable[[str, int], Any]) -> Callable[[str, int], None]:
    return lambda url, calls: uvloop.run(run(url, calls))


CONTENDERS: list[tuple[str, int, Callable[[str, int], None]]] = [
    ("httpx", 500, on_asyncio(with_httpx)),
    ("aiohttp", 3000, on_asyncio(with_aiohttp)),
    ("aiohttp on uvloop", 3000, on_uvloop(with_aiohttp)),
    ("this package", 5000, on_asyncio(with_ours)),
    ("this package on uvloop", 5000, on_uvloop(with_ours)),
    (f"httpx, {THREADS} threads", 500, blocking_httpx),
    (f"this package, {THREADS} threads", 5000, blocking_ours),
]


def serve() -> None:
    with Emulator() as emulator:
        print(emulator.url, flush=True)
        sys.stdin.read()


def main() -> None:
    service = subprocess.Popen(
        [sys.executable, __file__, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert service.stdin is not None
    assert service.stdout is not None
    url = service.stdout.readline().strip()
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name, _, _ in CONTENDERS}
    for _ in range(ROUNDS):
        for name, calls, run in CONTENDERS:
            wall, processor = time.perf_counter(), time.process_time()
            run(url, calls)
            wall, processor = time.perf_counter() - wall, time.process_time() - processor
            figures[name].append((calls / wall, processor / calls * 10_000))
    print(f"{AT_ONCE} calls at once (or threads as named), median of {ROUNDS} interleaved rounds")
    print(f"{'':<28} {'calls/s':>9} {'CPU s per 10,000':>18}")
    for name, rounds in figures.items():
        rate, processor = (statistics.median(column) for column in zip(*rounds, strict=True))
        print(f"{name:<28} {rate:>9.0f} {processor:>18.2f}")
    service.stdin.close()
    service.wait()


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["serve"] else main()
