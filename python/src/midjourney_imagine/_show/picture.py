"""What `Image` and `AsyncImage` share: data, a session, and showing themselves. Their actions are in the halves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from midjourney_imagine.models import ImageData

from .cached import cached

if TYPE_CHECKING:
    from datetime import datetime

    import PIL.Image

    from midjourney_imagine._record import JSONObject
    from midjourney_imagine._session import Session


class Picture(ImageData):
    """A picture that the API made, with the way to go on with it."""

    __slots__ = ("__weakref__", "_session")

    def __init__(self, data: JSONObject, session: Session) -> None:
        """Hold the data, and the session to go on with."""
        super().__init__(data)
        self._session = session

    @property
    def expires_at(self) -> datetime | None:
        """When the picture's signed URL ends (UTC), by the URL itself. A hint: hosts have served longer."""
        from datetime import datetime

        from midjourney_imagine._native import expires_at

        end = expires_at(self.to_json())
        # Python 3.10 does not read the letter.
        return datetime.fromisoformat(end.replace("Z", "+00:00")) if end else None

    @property
    def size(self) -> tuple[int, int] | None:
        """The full picture's width and height in pixels, as the service reported them; else the preview's."""
        for width, height in (
            (self.raw_image_width, self.raw_image_height),
            (self.image_width, self.image_height),
        ):
            if width is not None and height is not None:
                return width, height
        return None

    def __repr__(self) -> str:
        """Show what the picture is and offers; its URLs are signed and stay out."""
        shown = [f"image_id={self.image_id!r}"]
        if self.progress is not None and self.progress < 100:
            shown.append(f"progress={self.progress}")
        if self.size:
            shown.append("size={}x{}".format(*self.size))
        if self.actions is not None:
            shown.append(f"actions=[{', '.join(self.actions)}]")
        return f"{type(self).__name__}({', '.join(shown)})"

    def _repr_html_(self) -> str:
        """Show the picture in a notebook, with its id and what can be done with it."""
        from .notebook import figure

        return figure(self, cached.get(self))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with the client's settings, without its token."""
        return type(self), (self._data, self._session)


def pillow(content: bytes) -> PIL.Image.Image:
    """Open a picture with Pillow."""
    from io import BytesIO

    try:
        from PIL import Image
    except ImportError as error:
        message = "Pillow is not installed: pip install 'midjourney-imagine[pillow]'"
        raise ImportError(message) from error
    return Image.open(BytesIO(content))
