"""Notes on what interrupts a call (Ctrl-C, a cancellation, an error of a callback): how its task is picked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from .errors import MidjourneyError
from .models import UpdateData

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

UpdateT = TypeVar("UpdateT", bound=UpdateData)


class Pickup(Generic[UpdateT]):
    """Hears a call's updates, passes them on, and knows the task's id from them. Used with `with` around the call."""

    def __init__(
        self,
        read: Callable[[str], UpdateT],
        listeners: list[Callable[[UpdateT], object]],
        task_id: str | None = None,
    ) -> None:
        """Read the native client's updates, and pass them on to these listeners."""
        self._read = read
        self._listeners = listeners
        self._task_id = task_id

    def __call__(self, text: str) -> None:
        """Pass an update on."""
        update = self._read(text)
        self._task_id = update.task_id or self._task_id
        try:
            for listener in self._listeners:
                listener(update)
        except BaseException as error:
            add_note(error, self._task_id)
            raise

    def __enter__(self) -> Self:
        """Give itself: the native client's listener."""
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: TracebackType | None) -> None:
        """Note the task on what interrupts the call; the client's own errors carry its id already."""
        if error is not None and not isinstance(error, MidjourneyError):
            add_note(error, self._task_id)


def add_note(error: BaseException, task_id: str | None) -> None:
    """Say on an exception, once, how the task is picked up. Python 3.10 has no notes."""
    note = f"the task {task_id} goes on at the service: client.task({task_id!r}).wait() picks it up"
    if task_id is not None and hasattr(error, "add_note") and note not in getattr(error, "__notes__", ()):
        error.add_note(note)
