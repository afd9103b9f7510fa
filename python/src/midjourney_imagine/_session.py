"""The one way to the native client: settings in, calls across, errors back as their classes.

What a call is given and what it gives is JSON; the protocol is in Rust.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NoReturn, cast
from weakref import WeakValueDictionary

from ._native import Client as NativeClient
from ._native import NativeError
from .errors import ConfigError, InvalidRequestError, MidjourneyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ._commands import CommandArguments, CommandVerb, StreamCommandArguments, StreamCommandVerb
    from ._native import Stream as NativeStream
    from ._record import JSON, JSONObject

    Listener = Callable[[str], None]


class Session:
    """A native client with the settings that it was made from, shared by a client and all that it gave.

    It pickles as its settings without the token. In its own process, and in those forked from it, what comes out of
    the pickle is the session itself. In any other it finds the token in the environment, at the first call that needs
    it: an image is data, and must arrive whatever is missing there.
    """

    __slots__ = ("__weakref__", "_is_closed", "_name", "_native", "progress", "settings")

    def __init__(self, settings: Mapping[str, JSON], *, progress: bool | None, name: str | None = None) -> None:
        """Make the native client, at once unless the session comes out of a pickle, where it has a `name`."""
        self.settings = {name: value for name, value in settings.items() if value is not None}
        self.progress = progress
        self._name = name or os.urandom(16).hex()
        self._is_closed = False
        self._native: NativeClient | None = None if name else self._made()
        _sessions[self._name] = self

    def _made(self) -> NativeClient:
        try:
            return NativeClient(json.dumps(self.settings))
        except NativeError as error:
            raise_as_class(error)

    @property
    def native(self) -> NativeClient:
        """The native client, while the session is open."""
        if self._is_closed:
            message = "the client is closed"
            raise RuntimeError(message)
        if self._native is None:
            self._native = self._made()
        return self._native

    def close(self) -> None:
        """Let the connections go."""
        self._is_closed = True
        self._native = None

    def call(self, verb: CommandVerb, arguments: CommandArguments, listener: Listener | None = None) -> Any:  # noqa: ANN401
        """Make a call and wait for what it gives: bytes, or JSON."""
        try:
            answer = self.native.call(json.dumps({verb: arguments}), listener)
        except NativeError as error:
            raise_as_class(error)
        return answer if isinstance(answer, bytes) else json.loads(answer)

    async def call_async(
        self,
        verb: CommandVerb,
        arguments: CommandArguments,
        listener: Listener | None = None,
    ) -> Any:  # noqa: ANN401
        """As `call`, awaited."""
        need_asyncio()
        try:
            answer = await self.native.call_async(json.dumps({verb: arguments}), listener)
        except NativeError as error:
            raise_as_class(error)
        return answer if isinstance(answer, bytes) else json.loads(answer)

    def stream(self, arguments: StreamCommandArguments) -> NativeStream:
        """Begin a stream; its first update is what sends the request."""
        verb: StreamCommandVerb = "task" if "task" in arguments else "generation"
        try:
            return self.native.stream(json.dumps({verb: arguments}))
        except NativeError as error:
            raise_as_class(error)

    def __copy__(self) -> Session:
        """Give the session itself: a copy goes on with the same connections."""
        return self

    def __deepcopy__(self, _: object) -> Session:
        """As `__copy__`."""
        return self

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle as settings without the token, and as the name by which this process knows the session again."""
        settings = {name: value for name, value in self.settings.items() if name != "token"}
        return _restore, (self._name, settings, self.progress)


_sessions: WeakValueDictionary[str, Session] = WeakValueDictionary()
"""The sessions of this process by their names."""


def _restore(name: str, settings: Mapping[str, JSON], progress: bool | None) -> Session:  # noqa: FBT001 - pickle's way
    return _sessions.get(name) or Session(settings, progress=progress, name=name)


def need_asyncio() -> None:
    """Say so where a coroutine is run by another library than asyncio.

    Raises:
        RuntimeError: No event loop of asyncio runs in this thread.
    """
    from asyncio import get_running_loop

    try:
        get_running_loop()
    except RuntimeError:
        message = (
            "AsyncClient needs a running event loop of asyncio; "
            "under trio, run `Client` in a thread: `await trio.to_thread.run_sync(client.imagine, prompt)`"
        )
        raise RuntimeError(message) from None


def raise_as_class(error: NativeError) -> NoReturn:
    """Raise the error that the native library's payload describes, without the payload as its cause."""
    raise MidjourneyError.from_payload(json.loads(cast("str", error.args[0]))) from None


def certificates(source: str | bytes | os.PathLike[str] | None) -> str | None:
    """Read PEM text: given as such, or in a file.

    Raises:
        ConfigError: The file cannot be read, or it is no text.
    """
    if source is None or (isinstance(source, str) and "-----BEGIN" in source):
        return source
    try:
        if isinstance(source, bytes):
            return source.decode("ascii")
        with open(source, encoding="ascii") as file:  # noqa: PTH123 - `pathlib` takes 8 ms to import
            return file.read()
    except OSError as error:
        message = f"`ca_certificates`: the file cannot be read: {error.strerror}"
        raise ConfigError(message) from error
    except UnicodeDecodeError as error:
        message = "`ca_certificates`: it is not PEM text"
        raise ConfigError(message) from error


def image_data(image: str | Mapping[str, object]) -> JSONObject:
    """Read an image's data from its id, its JSON text, or its JSON as a dictionary.

    Raises:
        InvalidRequestError: It is none of these.
    """
    from ._native import inspect

    if image == "":
        message = "`image`: an id is not empty"
        raise InvalidRequestError(message)
    if isinstance(image, str) and not image.lstrip().startswith("{"):
        return {"image_id": image}
    try:
        text = inspect(image if isinstance(image, str) else json.dumps(dict(image)))
    except NativeError as error:
        raise_as_class(error)
    return cast("JSONObject", json.loads(text)["image"])


def shown_settings(settings: Mapping[str, JSON]) -> list[str]:
    """Say which settings were made; the values of some are secrets."""
    secret = {"token", "proxy", "ca_certificates"}
    return [f"{name}=…" if name in secret else f"{name}={value!r}" for name, value in settings.items()]
