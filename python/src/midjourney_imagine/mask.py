"""The area of a picture that `variation_region` draws anew: what was given for it. The core reads it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable


@runtime_checkable
class Readable(Protocol):
    """A file opened for reading bytes."""

    def read(self) -> bytes:
        """Give the rest of the file."""
        ...


if TYPE_CHECKING:
    from typing import IO

    from ._commands import GivenMask

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

    __slots__ = ("_source",)

    def __init__(self, source: MaskSource) -> None:
        """Take a mask from its source; a string with `://` or `data:` is a URL, any other a path."""
        self._source = _read(source)

    @staticmethod
    def url(url: str) -> Mask:
        """Have the service fetch the mask itself from an http(s) URL; a `data:` URL is sent as its content."""
        return _restore({"url": url})

    @staticmethod
    def bytes(content: Content) -> Mask:
        """Take the content of a PNG, JPEG or WebP file."""
        return _restore(_base64(content))

    @staticmethod
    def file(path: Path) -> Mask:
        """Name a PNG, JPEG or WebP file, which each call that uses the mask reads anew.

        The call raises InvalidRequestError when the file cannot be read.
        """
        return _restore({"path": os.fspath(path)})

    @property
    def source(self) -> GivenMask:
        """What was given: a `url`, a `path`, or content as `base64`."""
        return self._source

    def __eq__(self, other: object) -> bool:
        """Compare what was given."""
        return self._source == other._source if isinstance(other, Mask) else NotImplemented

    def __hash__(self) -> int:
        """Hash what was given."""
        return hash(tuple(self._source.items()))

    def __repr__(self) -> str:
        """Show what it is, and neither megabytes of base64 nor a signed URL."""
        return f"Mask({', '.join(self._source)})"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle as what was given."""
        return _restore, (self._source,)


def _restore(source: GivenMask) -> Mask:
    mask = Mask.__new__(Mask)
    object.__setattr__(mask, "_source", source)
    return mask


def _read(source: MaskSource) -> GivenMask:
    if isinstance(source, Mask):
        return source.source
    if isinstance(source, str) and ("://" in source or source.startswith("data:")):
        return {"url": source}
    if isinstance(source, bytes | bytearray | memoryview):
        return _base64(source)
    if isinstance(source, str | os.PathLike):
        return {"path": os.fspath(source)}
    return _base64(source.read() if isinstance(source, Readable) else _png(source))


def _png(picture: PillowImage) -> bytes:
    from io import BytesIO

    file = BytesIO()
    picture.convert("L").save(file, "PNG")
    return file.getvalue()


def _base64(content: Content) -> GivenMask:
    from binascii import b2a_base64

    return {"base64": b2a_base64(content, newline=False).decode("ascii")}
