# The native module, written in Rust (bindings/python). JSON text goes in and JSON text comes out; the package around it owns
# names, defaults and documentation. Not for direct use.

from collections.abc import Awaitable, Callable, Generator
from typing import Generic, TypeVar, final

__all__ = ["Call", "Client", "Emulator", "NativeError", "Stream", "__version__", "inspect", "media_type"]

_T_co = TypeVar("_T_co", covariant=True)

__version__: str
"""The version of the package."""

def inspect(image: str) -> str:
    """What an image's JSON says by itself, as JSON: `image`, the same as it is written everywhere (ids as strings, sizes as numbers,
    unknown fields kept), and `expires_at`, when its signed URL ends, as ISO 8601 text in UTC, null where the URL does not say.

    Raises `NativeError` (`invalid_request`) for anything but a JSON object.
    """

def media_type(content: bytes) -> str:
    """The media type of a picture file's content, by its first bytes."""

class NativeError(Exception):
    """A failure. `args[0]` is its payload as JSON text: `kind`, `message`, `may_have_been_accepted`, and where known `status`,
    `code`, `trace_id`, `task_id` and `retry_after` (seconds).
    """

@final
class Client:
    """A client; usable from all threads, from all event loops, and in processes forked from this one.

    `settings` is a `_commands.ClientSettings` as JSON. What is absent or null comes from the environment or has its default.

    Raises `NativeError` (`config`).
    """

    def __new__(cls, settings: str) -> Client: ...
    @property
    def base_url(self) -> str:
        """Where the API is, without a final slash."""

    def call(self, command: str, on_progress: Callable[[str], object] | None = None) -> str | bytes:
        """Calls, and waits without the interpreter lock. `command` is `{verb: arguments}` as JSON, a `_commands.CommandVerb` and
        what it takes.

        `imagine` and `wait` give an image's JSON, `submit` and `task` a task's, `tasks` a list of tasks' JSON and nulls, `bytes`
        the picture's content, `save` the path as a JSON string.

        `imagine` and `wait` call `on_progress` on this thread with an update's JSON: `task_id`, `progress` (percent), `image`,
        `done`. An exception of its own, or of a signal handler, ends the call.

        Raises `NativeError`.
        """

    def call_async(self, command: str, on_progress: Callable[[str], object] | None = None) -> Call[str | bytes]:
        """As `call`, for asyncio. It begins when it is awaited; `on_progress` is called on the event loop's thread, in the
        context of the awaiting code. Cancelling it ends the exchange.
        """

    def stream(self, command: str) -> Stream:
        """The updates of a generation or of a task: `{verb: arguments}` as JSON, with a `_commands.StreamCommandVerb`. Nothing is
        sent yet.

        Raises `NativeError` (`invalid_request`, `action_not_available`).
        """

@final
class Call(Awaitable[_T_co], Generic[_T_co]):  # not generic when it runs
    """A call that begins when it is awaited, once."""

    def __await__(self) -> Generator[object, None, _T_co]: ...
    def __iter__(self) -> Generator[object, None, _T_co]: ...
    def __next__(self) -> object: ...
    def throw(self, error: object, value: object = None, traceback: object = None) -> object: ...
    def close(self) -> None: ...

@final
class Stream:
    """The updates of one generation."""

    @property
    def task_id(self) -> str | None:
        """The task, once the service has named it."""

    def next(self) -> str | None:
        """Waits for the next update's JSON; `None` at the end.

        Raises `NativeError`.
        """

    def next_async(self) -> Call[str | None]:
        """As `next`, for asyncio. Cancelling it loses no update: the next pull gives it."""

    def close(self) -> None:
        """Ends the exchange at once. Pulls that wait, and later ones, give `None`."""

@final
class Emulator:
    """A running emulator of the API.

    `options` is a `_commands.EmulatorSettings` as JSON.

    Raises `NativeError` (`config`).
    """

    def __new__(cls, options: str) -> Emulator: ...
    @property
    def url(self) -> str:
        """The base URL, without a final slash."""

    def call(self, command: str) -> str:
        """A call of the administration: `{verb: arguments}` as JSON, with a `_commands.EmulatorCommandVerb`; the answer is JSON, or
        `null`. `journal` waits for so many requests, 10 s at most unless told otherwise.

        Raises `NativeError` (`invalid_request`); `RuntimeError` when it was stopped.
        """

    def stop(self) -> None:
        """Stops it, and waits until its port is free. A second time does nothing."""
