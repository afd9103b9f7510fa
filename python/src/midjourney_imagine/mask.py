"""The area of a picture that `variation_region` draws anew, from whatever holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from .errors import InvalidRequestError

if TYPE_CHECKING:
    from os import PathLike
    from typing import IO, Union

    class Readable(Protocol):
        """A file opened for reading bytes."""

        def read(self) -> bytes:
            """Give the rest of the file."""
            ...

    class PillowImage(Protocol):
        """A `PIL.Image.Image`."""

        def convert(self, mode: str) -> PillowImage:
            """Give the picture in another mode."""
            ...

        def save(self, fp: IO[bytes], format: str) -> None:  # noqa: A002 - Pillow's name
            """Write the picture."""
            ...

    Path: TypeAlias = str | PathLike[str]
    Content: TypeAlias = bytes | bytearray | memoryview
    MaskSource: TypeAlias = Union["Mask", Path, Content, Readable, PillowImage]


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

    @classmethod
    def url(cls, url: str) -> Mask:
        """Have the service fetch the mask itself from an http(s) URL; a `data:` URL is sent as its content."""
        mask = cls.__new__(cls)
        mask._wire = url.partition(";base64,")[2] or url if url.startswith("data:") else url
        return mask

    @classmethod
    def bytes(cls, content: Content) -> Mask:
        """Take the content of a PNG, JPEG or WebP file."""
        return cls(content)

    @classmethod
    def file(cls, path: Path) -> Mask:
        """Read a PNG, JPEG or WebP file, at once.

        Raises:
            InvalidRequestError: The file cannot be read.
        """
        mask = cls.__new__(cls)
        mask._wire = _base64(_read(path))
        return mask

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
    if isinstance(source, str) or hasattr(source, "__fspath__"):
        return _base64(_read(source))
    if hasattr(source, "convert"):
        return _base64(_png(source))
    return _base64(source.read())


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
