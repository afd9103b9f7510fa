"""What was fetched of images, cached in memory to be shown: as long as the images live, and not without limit."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from .picture import Picture

ROOM = 64 * 2**20
"""How many bytes are cached over all images. A full picture has up to 8 MiB."""


class Cache:
    """The newest content of the images that are still alive; what was fetched long ago makes room."""

    __slots__ = ("_content", "_lock", "_room")

    def __init__(self, room: int) -> None:
        """Cache so many bytes, and always the newest content."""
        self._room = room
        self._content: WeakKeyDictionary[Picture, bytes] = WeakKeyDictionary()
        self._lock = Lock()

    def put(self, image: Picture, content: bytes) -> None:
        """Cache an image's content until it is needed no more."""
        with self._lock:
            self._content.pop(image, None)
            self._content[image] = content
            surplus = sum(map(len, self._content.values())) - self._room
            for oldest in list(self._content)[:-1]:
                if surplus > 0:
                    surplus -= len(self._content.pop(oldest))

    def get(self, image: Picture) -> bytes | None:
        """Give an image's content, where it is cached."""
        with self._lock:
            return self._content.get(image)


cached = Cache(ROOM)
"""What this process caches."""
