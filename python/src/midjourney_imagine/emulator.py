"""The API on this machine, with real pixels: for tests, examples and notebooks that need no account.

What it does not reproduce, and which faults it has, is in the README of the emulator's crate.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar, cast

from ._native import Emulator as NativeEmulator
from ._native import NativeError
from ._session import raise_as_class

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from typing_extensions import Self

    from ._commands import AddedFault, EmulatorCommandArguments, EmulatorCommandVerb, Look
    from ._record import JSON, JSONObject

T = TypeVar("T")


class Job(NamedTuple):
    """One started job in the ledger."""

    task_id: str
    """The task that the job is."""
    action: str
    """`generate`, or the action on a picture."""
    mode: str
    """The queue: `fast`, `relax` or `turbo`."""
    price: float
    """What it costs if it succeeds."""
    state: str
    """`running`, `succeeded` or `failed`."""
    charged: float
    """What was charged: the price after success, else 0."""


class Ledger(NamedTuple):
    """What a run was asked for, what ran and what was charged.

    A client that never pays twice leaves `started` equal to the generations asked of it.
    """

    submissions: int
    """Submissions that reached the service, refused ones included."""
    started: int
    """Jobs that started."""
    succeeded: int
    """Jobs that succeeded."""
    failed: int
    """Jobs that failed."""
    charged: float
    """The sum of all charges."""
    balance: float | None
    """What is left to spend; None when it is not limited."""
    entries: tuple[Job, ...]
    """The newest 10,000 jobs, in the order in which they started."""


class Request(NamedTuple):
    """One request and its answer, without the token."""

    number: int
    """Counts the requests of a run from 0."""
    method: str
    """`GET`, `POST` …"""
    path: str
    """The path, and the query if there is one."""
    headers: dict[str, str]
    """The headers by their names in lower case; credentials are hidden."""
    body: str
    """The first 16 KiB of the body."""
    body_bytes: int
    """The whole body's length in bytes."""
    received_at: float
    """When the request had arrived in full, in Unix seconds."""
    answered_at: float | None
    """When the answer began, in Unix seconds."""
    status: int | None
    """The status of the answer, which a fault may have withheld from the client."""
    faults: list[str]
    """The faults that happened, as a prompt names them."""
    scripted: bool
    """Whether the answer came from a script."""
    abandoned: bool
    """Whether the client disconnected before the answer was complete."""


class Emulator:
    """A running emulator of the API; it accepts connections when this returns, and stops at the end of `with`.

    Example:
        with Emulator() as emulator:
            client = Client(base_url=emulator.url, token="test")
            emulator.add_fault("cut_after_frame", 2)
            for update in client.stream("A cat"):
                print(update.progress)
            assert emulator.ledger().started == 1
    """

    __slots__ = ("__weakref__", "_native")

    def __init__(
        self,
        *,
        port: int = 0,
        speed: Literal["instant", "fast", "real", "virtual"] = "instant",
        seed: int | None = None,
        tokens: Iterable[str] = (),
        moderated_words: Iterable[str] | None = None,
        limits: Mapping[str, float] | None = None,
        prices: Mapping[str, float] | None = None,
        retained_tasks: int | None = None,
        overlay: bool | None = None,
        state_folder: str | os.PathLike[str] | None = None,
    ) -> None:
        """Start an emulator.

        Args:
            port: The port on 127.0.0.1; 0 takes a free one.
            speed: `instant`; `fast`, 3 s a generation; `real`, up to 150 s; `virtual`, by a clock that only
                `clock_advance` moves.
            seed: Makes the run repeat itself: the n-th submission has the same ids and the same picture.
            tokens: The tokens that are right; without any, every one is.
            moderated_words: The words that moderation refuses, in the place of `forbidden-word` and `gore`.
            limits: What it allows: `in_flight`, `submissions_per_second`, `balance`.
            prices: What successful jobs are charged: `generation` (1) and `upscale` (0.2).
            retained_tasks: How many finished tasks stay in memory (50,000).
            overlay: Whether prompt, tile, action and seed are printed on each tile (False).
            state_folder: A folder that stores finished tasks for later emulators.

        Raises:
            ConfigError: An option cannot be read, the port cannot be had, the folder cannot be written.
        """
        options: dict[str, JSON] = {"port": port, "speed": speed, "tokens": list(tokens)}
        if moderated_words is not None:
            options["moderated_words"] = list(moderated_words)
        given = {"seed": seed, "limits": limits, "prices": prices, "retained_tasks": retained_tasks, "overlay": overlay}
        options |= {name: value for name, value in given.items() if value is not None}
        if state_folder is not None:
            options["state_folder"] = os.fspath(state_folder)
        try:
            self._native = NativeEmulator(json.dumps(options))
        except NativeError as error:
            raise_as_class(error)

    @property
    def url(self) -> str:
        """The base URL, for a client: `http://127.0.0.1:PORT`."""
        return self._native.url

    def ledger(self) -> Ledger:
        """Give the ledger: what was asked for, what ran, what was charged."""
        ledger = self._call("ledger")
        ledger["entries"] = tuple(_named(Job, Job._fields, job) for job in ledger["entries"])
        return _named(Ledger, Ledger._fields, ledger)

    def journal(
        self,
        *,
        requests: int = 0,
        abandoned: int = 0,
        path: str | None = None,
        wait_seconds: float = 10,
    ) -> list[Request]:
        """Give the newest thousand requests.

        With `requests` or `abandoned` it waits until so many have arrived, or were abandoned by their clients, in
        all or on one `path`; at most `wait_seconds`.
        """
        wanted: Look = {}
        if requests or abandoned:
            wanted = {"requests": requests, "abandoned": abandoned, "path": path, "wait_seconds": wait_seconds}
        return [_named(Request, Request._fields, entry) for entry in self._call("journal", wanted)]

    def deliveries(self) -> list[dict[str, Any]]:
        """Give the newest thousand callbacks, each with its tries, as the emulator's README describes them."""
        return cast("list[dict[str, Any]]", self._call("deliveries"))

    def state(self) -> dict[str, Any]:
        """Give speed, seed, clock, counts and limits."""
        return cast("dict[str, Any]", self._call("state"))

    def add_fault(
        self,
        fault: str,
        argument: float | str | None = None,
        *,
        times: int = 1,
        path: str | None = None,
    ) -> None:
        """Make a fault happen to coming requests.

        Args:
            fault: Its name, such as `drop_after_accept`; the emulator's README lists them.
            argument: Its argument, such as the 2 of `cut_after_frame:2`.
            times: How often; 0 means until `clear_faults`.
            path: The exact path of the requests that it happens to, instead of those that it is meant for.

        Raises:
            InvalidRequestError: There is no such fault, or it takes another argument.
        """
        rule: AddedFault = {"fault": fault, "times": times}
        if argument is not None:
            rule["arg"] = argument
        if path is not None:
            rule["path"] = path
        self._call("add_fault", rule)

    def faults(self) -> list[dict[str, Any]]:
        """Give the rules in force, each with the times it is still to happen."""
        return cast("list[dict[str, Any]]", self._call("faults"))

    def clear_faults(self) -> None:
        """Forget all rules."""
        self._call("clear_faults")

    def script(self, replies: Iterable[Mapping[str, object]]) -> None:
        """Set answers word for word, each for the next request of its path, before anything else.

        Raises:
            InvalidRequestError: One of them cannot be given; then none is set.
        """
        self._call("script", {"replies": [cast("JSONObject", dict(reply)) for reply in replies]})

    def set_balance(self, balance: float | None) -> None:
        """Set what may still be spent; None lifts the limit."""
        self._call("set_balance", {"balance": balance})

    def clock_advance(self, seconds: float) -> None:
        """Move the clock of a `virtual` emulator on; every step that falls due has been taken when this returns.

        Raises:
            InvalidRequestError: The emulator has another speed.
        """
        self._call("clock_advance", {"seconds": seconds})

    def reset(self) -> None:
        """Begin anew: tasks, ledger, rules and logs are forgotten, and a seeded run starts over."""
        self._call("reset")

    def stop(self) -> None:
        """Stop, and wait until the port is free. A second time does nothing."""
        self._native.stop()

    def __enter__(self) -> Self:
        """Give the emulator, to be stopped at the end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    async def __aenter__(self) -> Self:
        """As `__enter__`."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """As `__exit__`; it does not take long enough to be awaited."""
        self.stop()

    def __repr__(self) -> str:
        """Show where it is."""
        return f"Emulator({self.url!r})"

    def _call(self, verb: EmulatorCommandVerb, arguments: EmulatorCommandArguments | None = None) -> Any:  # noqa: ANN401
        try:
            return json.loads(self._native.call(json.dumps({verb: arguments or {}})))
        except NativeError as error:
            raise_as_class(error)


def _named(kind: Callable[..., T], fields: Iterable[str], data: Mapping[str, Any]) -> T:
    """Read an object of the administration, whose members may be more than this version knows."""
    return kind(**{name: data.get(name) for name in fields})
