"""One observed step of a running generation, and the stream of them: what both halves of the client share."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic

from ._native import NativeError
from ._pickup import add_note
from ._session import need_asyncio, raise_as_class
from ._show.picture import Picture
from .errors import MidjourneyError
from .models import UpdateData

if TYPE_CHECKING:
    from collections.abc import Generator

    from typing_extensions import TypeVar

    from ._native import Stream as NativeStream
    from ._record import JSONObject
    from ._session import Session
    from .client import Image

    # Those who write `Update` alone mean that of `Client`.
    ImageT_co = TypeVar("ImageT_co", bound=Picture, covariant=True, default=Image)
    ImageT = TypeVar("ImageT", bound=Picture)
else:
    from typing import TypeVar

    ImageT_co = TypeVar("ImageT_co", bound=Picture, covariant=True)
    ImageT = TypeVar("ImageT", bound=Picture)


class Update(UpdateData, Generic[ImageT_co]):
    """One observed step of a running generation: none is invented, and progress never runs backwards.

    `task_id` is known once the service has named the task; `progress` is in percent (0 to 100); exactly one
    update is `done`, the last. Users of `AsyncClient` write `Update[AsyncImage]`.
    """

    __slots__ = ("_image",)

    def __init__(self, data: JSONObject, image: ImageT_co | None) -> None:
        """Hold the data, and the image as something to go on with."""
        super().__init__(data)
        self._image = image

    @property
    def image(self) -> ImageT_co | None:
        """The preview, which the service destroys when the picture is finished; at the end the picture itself."""
        return self._image

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with the image, and so with its client."""
        return type(self), (self._data, self._image)


class OpenStream(Generic[ImageT]):
    """A native stream and how it ended: what `Updates` and `AsyncUpdates` are beside iterators."""

    __slots__ = ("__weakref__", "_end", "_session", "_stream")

    def __init__(self, session: Session, stream: NativeStream) -> None:
        """Read from a native stream."""
        self._session = session
        self._stream = stream
        self._end: ImageT | MidjourneyError | None = None

    @property
    def task_id(self) -> str | None:
        """The task, once the service has named it."""
        return self._stream.task_id

    def close(self) -> None:
        """End the exchange at once; the task goes on at the service."""
        self._stream.close()

    def _before_reading(self) -> None:
        """Check what reading needs."""

    @contextmanager
    def _reading(self) -> Generator[None]:
        """Remember why the stream fails, and note the task on what interrupts the reading."""
        self._before_reading()
        try:
            yield
        except NativeError as error:
            try:
                raise_as_class(error)
            except MidjourneyError as failure:
                self._end = failure
                raise
        except BaseException as error:
            add_note(error, self.task_id)
            raise

    def _image(self) -> ImageT:
        """Give the image of a stream that was read to its end, or raise why there is none."""
        if isinstance(self._end, MidjourneyError):
            raise self._end
        if self._end is None:
            message = "the stream was closed before the picture was finished; its task can be waited for by its id"
            raise RuntimeError(message)
        return self._end

    def __repr__(self) -> str:
        """Show the task."""
        return f"{type(self).__name__}(task_id={self.task_id!r})"


class AsyncOpenStream(OpenStream[ImageT]):
    """The same for asyncio, with the name that `contextlib.aclosing` asks for."""

    __slots__ = ()

    def _before_reading(self) -> None:
        need_asyncio()

    async def aclose(self) -> None:
        """As `close`, for `contextlib.aclosing`."""
        self.close()
