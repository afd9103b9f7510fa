"""The emulator from Python, and the fixture that the plugin brings."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from midjourney_imagine import Client, ConfigError, Emulator, InsufficientBalanceError, InvalidRequestError

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["pytester"]


def test_it_stops_and_frees_its_port() -> None:
    with Emulator() as emulator:
        port = int(emulator.url.rpartition(":")[2])
        assert repr(emulator) == f"Emulator('http://127.0.0.1:{port}')"
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))
    emulator.stop()
    with pytest.raises(RuntimeError, match="stopped"):
        emulator.ledger()


def test_it_serves_an_async_program() -> None:
    async def main() -> None:
        async with Emulator() as emulator:
            assert emulator.state()["speed"] == "instant"

    asyncio.run(main())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"speed": "slow"}, "`speed`: expected one of `instant`, `fast`, `real`, `virtual`"),
        ({"port": -1}, "`port`: expected an integer from 0 to 65535"),
        ({"limits": {"balance": "much"}}, "`balance`: expected a number"),
        ({"prices": {"upscale": 1}}, "`generation`: it is missing"),
    ],
    ids=str,
)
def test_an_option_that_it_cannot_read_is_named(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Emulator(**options)  # type: ignore[arg-type]


def test_books_faults_scripts_and_the_journal(tmp_path: Path) -> None:
    with Emulator(seed=7, tokens=["right"], limits={"balance": 1.5}, state_folder=tmp_path) as emulator:
        client = Client(base_url=emulator.url, token="right")
        grid = client.imagine("A cat")
        with pytest.raises(InsufficientBalanceError):
            grid.reroll()
        ledger = emulator.ledger()
        assert (ledger.submissions, ledger.started, ledger.charged, ledger.balance) == (2, 1, 1.0, 0.5)
        assert ledger.entries[0].state == "succeeded"
        emulator.set_balance(None)
        emulator.add_fault("rate_limit", 0, times=2)
        assert emulator.faults() == [{"fault": "rate_limit", "arg": 0, "times": 2}]
        grid.reroll()
        assert emulator.faults() == []
        emulator.add_fault("error_500", times=0, path="/midjourney/tasks")
        emulator.clear_faults()
        emulator.script([{"path": "/midjourney/imagine", "json": {"task_id": "t-1"}}])
        assert client.submit("A dog").task_id == "t-1"
        last = emulator.journal()[-1]
        assert (last.path, last.status, last.scripted) == ("/midjourney/imagine", 200, True)
        assert "right" not in str(last)
        assert emulator.deliveries() == []
        emulator.reset()
        assert emulator.ledger().submissions == 0
        with pytest.raises(InvalidRequestError):
            emulator.add_fault("no_such_fault")
        with pytest.raises(InvalidRequestError):
            emulator.script([{"path": "/x", "status": 99}])


def test_a_virtual_clock_moves_when_it_is_told_to() -> None:
    with Emulator(speed="virtual") as emulator:
        task = Client(base_url=emulator.url, token="t").submit("A cat")
        assert task.refresh().state != "succeeded"
        emulator.clock_advance(60)
        assert task.refresh().state == "succeeded"
    with Emulator() as emulator, pytest.raises(InvalidRequestError):
        emulator.clock_advance(1)


def test_the_fixture_comes_with_the_package(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from midjourney_imagine import imagine

        def test_the_environment_points_at_it(midjourney_emulator):
            assert imagine("A cat").progress == 100
            assert midjourney_emulator.ledger().started == 1

        def test_each_test_has_its_own(midjourney_emulator):
            assert midjourney_emulator.ledger().started == 0
        """
    )
    # A process of its own: what the plugin costs everybody else is measured there, too.
    result = pytester.runpytest_subprocess("-W", "error", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=2)


def test_the_plugin_loads_nothing_that_a_test_run_did_not_ask_for(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing():
            assert not [name for name in sys.modules if name.startswith("midjourney_imagine._")]
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
