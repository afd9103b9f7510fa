"""A child process has calls of its own, whatever its parent was doing: multiprocessing, gunicorn."""

from __future__ import annotations

import os

import pytest
import runtime_support as support

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

BOTH = """
import warnings
warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 and later warn of every fork under threads.
async def one():
    return await client.call_async(SUBMIT)
def both():
    assert client.call(SUBMIT)
    assert asyncio.run(one())
def fork_and_check():
    child = os.fork()
    if child == 0:
        status = 1
        try:
            both()
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
"""


def test_a_child_calls_after_its_parent_did() -> None:
    service = support.Service()
    support.run(BOTH + "both()\nfork_and_check()\nboth()\n", service.url)
    assert service.call("ledger")["started"] == 6


def test_a_child_calls_before_its_parent_did() -> None:
    service = support.Service()
    support.run(BOTH + "fork_and_check()\nboth()\n", service.url)


def test_forty_forks_under_four_busy_threads() -> None:
    service = support.Service()
    program = """
stop = threading.Event()
def busy():
    while not stop.is_set():
        client.call(SUBMIT)
threads = [threading.Thread(target=busy) for _ in range(4)]
for thread in threads:
    thread.start()
for _ in range(40):
    fork_and_check()
stop.set()
for thread in threads:
    thread.join()
"""
    support.run(BOTH + program, service.url)


def test_a_fork_inside_a_running_loop_with_exchanges_under_way() -> None:
    service = support.Service()
    service.hold(times=3, lines=[support.frame(5)])
    program = """
async def main():
    streams = [client.stream(STREAM) for _ in range(3)]
    await asyncio.gather(*[stream.next_async() for stream in streams])
    waiting = [asyncio.ensure_future(pull(stream)) for stream in streams]
    child = os.fork()
    if child == 0:
        status = 1
        try:
            del streams, waiting
            assert client.call(SUBMIT)
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert not any(pull.done() for pull in waiting)
    for stream in streams:
        stream.close()
    assert await asyncio.gather(*waiting) == [None] * 3
async def pull(stream):
    return await stream.next_async()
asyncio.run(main())
"""
    support.run(BOTH + program, service.url)
    service.journal(requests=4, abandoned=3)


def test_a_pool_of_forked_workers() -> None:
    service = support.Service()
    program = """
import multiprocessing
def work(number):
    return client.call(SUBMIT) is not None
client.call(SUBMIT)
with multiprocessing.get_context("fork").Pool(2) as pool:
    assert all(pool.map(work, range(20)))
    pool.close()
    pool.join()
"""
    support.run(BOTH + program, service.url)
    assert service.call("ledger")["started"] == 21


def test_an_emulator_belongs_to_the_process_that_started_it() -> None:
    service = support.Service()
    program = """
emulator = _native.Emulator("{}")
own = _native.Client(json.dumps({"base_url": emulator.url, "token": "t"}))
child = os.fork()
if child == 0:
    status = 1
    try:
        assert own.call(SUBMIT)
        try:
            emulator.call('{"ledger": {}}')
        except _native.NativeError as error:
            assert "process" in error.args[0]
            emulator.stop()
            status = 0
    finally:
        os._exit(status)
assert os.waitpid(child, 0)[1] == 0
assert json.loads(emulator.call('{"ledger": {}}'))["started"] == 1
emulator.stop()
"""
    support.run(BOTH + program, service.url)
