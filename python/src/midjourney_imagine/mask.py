"""The area of a picture that `variation_region` draws anew, from whatever holds it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from .errors import InvalidRequestError


@runtime_checkable
class Readable(Protocol):
    """A file opened for reading bytes."""

    def read(self) -> bytes:
        """Give the rest of the file."""
        ...


if TYPE_CHECKING:
    from typing import IO

    class PillowImage(Protocol):
        """A `PIL.Image.Image`."""

        def convert(self, mode: str) -> PillowImage:
            """Give the picture in another mode."""
            ...

        def save(self, fp: IO[bytes], format: str) -> None:  # noqa: A002 - Pillow's name
            """Write the picture."""
            ...

    Path: TypeAlias = str | os.PathLike[str]
    Content: TypeAlias = bytes | bytearray | memoryview
    MaskSource: TypeAlias = "Mask | Path | Content | Readable | PillowImage"


class Mask:
    """A greyscale picture of the same size as the source, white where it shall be drawn anew.

    Wherever a mask is asked for, its source is enough: a path, a URL, the content of a file, a file opened for
    reading bytes, or a Pillow image.

    Example:
        image.variation_region("mask.png", "a red hat")
    """

    __slots__ = ("_wire",)

    def __init__(self, source: MaskSource) -> None:
        """Read the mask from its source, at once; a string with `://` or `data:` is a URL, any other a path.

        Raises:
            InvalidRequestError: The file cannot be read.
        """
        self._wire = _wire(source)

    @staticmethod
    def url(url: str) -> Mask:
        """Have the service fetch the mask itself from an http(s) URL; a `data:` URL is sent as its content."""
        _, _, content = url.partition(";base64,") if url.startswith("data:") else ("", "", "")
        return _restore(content or url)

    @staticmethod
    def bytes(content: Content) -> Mask:
        """Take the content of a PNG, JPEG or WebP file."""
        return _restore(_base64(content))

    @staticmethod
    def file(path: Path) -> Mask:
        """Read a PNG, JPEG or WebP file, at once.

        Raises:
            InvalidRequestError: The file cannot be read.
        """
        return _restore(_base64(_read(path)))

    @property
    def wire(self) -> str:
        """What goes out: the URL, or the content as plain base64."""
        return self._wire

    def __eq__(self, other: object) -> bool:
        """Compare what goes out."""
        return self._wire == other._wire if isinstance(other, Mask) else NotImplemented

    def __hash__(self) -> int:
        """Hash what goes out."""
        return hash(self._wire)

    def __repr__(self) -> str:
        """Show neither megabytes of base64 nor a signed URL."""
        return f"Mask({len(self._wire)} characters)"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle as what goes out."""
        return _restore, (self._wire,)


def _restore(wire: str) -> Mask:
    mask = Mask.__new__(Mask)
    object.__setattr__(mask, "_wire", wire)
    return mask


def _wire(source: MaskSource) -> str:
    if isinstance(source, Mask):
        return source.wire
    if isinstance(source, str) and ("://" in source or source.startswith("data:")):
        return Mask.url(source).wire
    if isinstance(source, bytes | bytearray | memoryview):
        return _base64(source)
    if isinstance(source, str | os.PathLike):
        return _base64(_read(source))
    return _base64(source.read() if isinstance(source, Readable) else _png(source))


def _read(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - `pathlib` takes 8 ms to import
            return file.read()
    except OSError as error:
        # The file's name stays out of the message: it may be a prompt or a secret that went astray.
        message = f"`mask`: the file cannot be read: {error.strerror}"
        raise InvalidRequestError(message) from error


def _png(picture: PillowImage) -> bytes:
    from io import BytesIO

    file = BytesIO()
    picture.convert("L").save(file, "PNG")
    return file.getvalue()


def _base64(content: Content) -> str:
    from binascii import b2a_base64

    return b2a_base64(content, newline=False).decode("ascii")
