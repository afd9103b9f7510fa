"""One observed step of a running generation, for both kinds of clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from ._picture import Picture
from .models import UpdateData

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from ._record import JSONObject
    from .client import Image

    # Those who write `Update` alone mean that of `Client`.
    ImageT_co = TypeVar("ImageT_co", bound=Picture, covariant=True, default=Image)
else:
    from typing import TypeVar

    ImageT_co = TypeVar("ImageT_co", bound=Picture, covariant=True)


class Update(UpdateData, Generic[ImageT_co]):
    """One observed step of a running generation: none is invented, and progress never runs backwards.

    `task_id` is known once the service has named the task; `progress` is in percent (0 to 100); exactly one
    update is `done`, the last. Users of `AsyncClient` write `Update[AsyncImage]`.
    """

    __slots__ = ("_image",)

    def __init__(self, data: JSONObject, image: ImageT_co | None) -> None:
        """Keep the data, and the image as something to go on with."""
        super().__init__(data)
        self._image = image

    @property
    def image(self) -> ImageT_co | None:
        """The preview, which the service destroys when the picture is finished; at the end the picture itself."""
        return self._image

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with the image, and so with its client."""
        return type(self), (self._data, self._image)
