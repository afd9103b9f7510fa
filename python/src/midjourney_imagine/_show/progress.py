"""The progress bar of a call: in a notebook, in a terminal, or none. A notebook's own bar is in `notebook`."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from typing import TextIO

    from typing_extensions import Self

WIDTH = 30
"""The bar's width in characters."""


def bar_for(progress: bool | None) -> Bar | None:  # noqa: FBT001 - None is a third answer
    """Give a bar: always for True, never for False, and for None where a person sees it."""
    from .notebook import NotebookBar, is_notebook

    if progress is False:
        return None
    if is_notebook():
        return NotebookBar()
    # There is no stderr under `pythonw` and in some services.
    stream: TextIO | None = sys.stderr
    if stream is None or not (progress or stream.isatty()):
        return None
    return TerminalBar(stream)


class Bar:
    """Where the progress of one call is shown, from its beginning (`with`) to its end."""

    wants_pictures: ClassVar[bool] = False
    """Whether previews are shown, and so are to be fetched."""

    def __init__(self) -> None:
        """Begin to count the time."""
        self.picture: bytes | None = None
        self._begin = time.monotonic()

    @property
    def seconds(self) -> int:
        """How long the call has taken."""
        return round(time.monotonic() - self._begin)

    def show(self, progress: int, picture: bytes | None) -> None:
        """Show how far the picture is drawn, in percent, and the newest preview."""
        self.picture = picture or self.picture
        self.draw(progress)

    def draw(self, progress: int) -> None:
        """Draw what is known."""
        raise NotImplementedError

    def end(self, failure: str | None) -> None:
        """Draw the end: done, or the name of what went wrong."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        """Show that the call has begun."""
        self.draw(0)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Show that it has ended."""
        self.end(kind.__name__ if kind else None)


class TerminalBar(Bar):
    """One line that is drawn over itself, and gone at the end; where there is no terminal, a line for each step."""

    def __init__(self, stream: TextIO) -> None:
        """Draw on this stream."""
        super().__init__()
        self._stream = stream
        self._is_terminal = stream.isatty()

    def draw(self, progress: int) -> None:
        """Draw the bar."""
        done = WIDTH * progress // 100
        full, empty = self._blocks()
        line = f"{full * done}{empty * (WIDTH - done)} {progress:3d} %  {self.seconds} s"
        self._write(f"\r{line}\x1b[K" if self._is_terminal else f"{line}\n")

    def end(self, failure: str | None) -> None:
        """Clear the line; an error speaks for itself."""
        del failure
        if self._is_terminal:
            self._write("\r\x1b[K")

    def _blocks(self) -> tuple[str, str]:
        try:
            "█░".encode(self._stream.encoding or "ascii")
        except (LookupError, UnicodeEncodeError):
            return "#", "."
        return "█", "░"

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
