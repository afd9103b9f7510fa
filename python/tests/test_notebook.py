# pyright: reportPrivateUsage=false
"""Images and progress in a notebook: as HTML, and in a real kernel."""

from __future__ import annotations

import gc
import io
import re
import socket
import sys
from base64 import b64decode
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow
from runtime_support import PATIENCE

from midjourney_imagine import Client, Emulator, Image
from midjourney_imagine._show.cached import Cache, cached

# Neither says what types it has.
nbformat: Any = import_module("nbformat")
NotebookClient: Any = import_module("nbclient").NotebookClient

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.ipynb"))


@pytest.fixture
def image() -> Image:
    data = {
        "image_id": "12<34",
        "actions": ["upscale1", "<script>"],
        "image_url": 'https://h.example/p.png?a=1&b="2"',
        "raw_image_width": 2048,
        "raw_image_height": 1024,
    }
    return Client(token="t").image(data)


def html(image: Image) -> str:
    return image._repr_html_()


def test_an_image_shows_its_id_its_size_and_its_actions(image: Image) -> None:
    shown = html(image)
    for part in ("12&lt;34", "2048 × 1024", "<code>upscale1</code>", "<code>&lt;script&gt;</code>"):
        assert part in shown
    assert "<script>" not in shown


def test_showing_never_goes_to_the_network(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    # Neither this process nor the browser that is given the text.
    assert "h.example" not in html(image)
    assert "bytes() fetches it" in html(image)

    def refuse(*_: object) -> None:
        pytest.fail("a connection was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(type(image), "bytes", refuse)
    assert html(image)
    assert repr(image)


def embedded(shown: str) -> Pillow.Image:
    found = re.search(r'src="data:image/(\w+);base64,([^"]+)"', shown)
    assert found
    picture = Pillow.open(io.BytesIO(b64decode(found[2])))
    assert picture.format
    assert picture.format.lower() == found[1]
    return picture


def test_fetched_bytes_are_embedded_and_not_larger_than_shown(image: Image) -> None:
    file = io.BytesIO()
    Pillow.effect_noise((3000, 1500), 80).save(file, "PNG")
    cached.put(image, file.getvalue())
    assert embedded(html(image)).size == (1024, 512)


def test_what_was_fetched_long_ago_makes_room() -> None:
    pictures = Cache(room=100)
    client = Client(token="t")
    images = [client.image(str(number)) for number in range(4)]
    for image in images[:3]:
        pictures.put(image, bytes(40))
    assert [pictures.get(image) is not None for image in images] == [False, True, True, False]
    pictures.put(images[3], bytes(1000))
    assert [pictures.get(image) is not None for image in images] == [False, False, False, True]


def test_an_image_that_is_gone_takes_its_bytes_along() -> None:
    content = bytes(range(256))
    pictures = Cache(room=1000)
    pictures.put(Client(token="t").image("1"), content)
    gc.collect()
    # This one's name, and the argument of the count itself.
    assert sys.getrefcount(content) == 2


def test_a_picture_that_was_fetched_is_shown_outside_of_a_kernel_too(midjourney_emulator: Emulator) -> None:
    grid = Client().imagine("A cat")
    assert "<img" not in html(grid)
    grid.bytes()
    fetches = len(midjourney_emulator.journal())
    assert embedded(html(grid)).size == (1024, 1024)
    assert len(midjourney_emulator.journal()) == fetches


def test_small_pictures_are_embedded_as_they_are(image: Image) -> None:
    file = io.BytesIO()
    Pillow.new("RGB", (40, 30), "red").save(file, "WEBP")
    cached.put(image, file.getvalue())
    assert embedded(html(image)).size == (40, 30)


def test_a_picture_without_a_url_is_its_caption() -> None:
    shown = html(Client(token="t").image("123"))
    assert "<img" not in shown
    assert "123" in shown


def outputs(cell: Any) -> str:
    """Everything that a cell shows, without the embedded pictures."""
    texts = [
        "".join(output.get("text", "")) + " ".join(map(str, output.get("data", {}).values()))
        for output in cell.get("outputs", [])
    ]
    return re.sub(r"base64,[^\"]+", "base64,…", "\n".join(texts))


def kinds(cell: Any) -> list[str]:
    """What a cell shows, by kind; how a printed text is cut into pieces is a matter of time."""
    return [kind for kind, _ in groupby(output["output_type"] for output in cell.get("outputs", []))]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_run_from_top_to_bottom(path: Path, tmp_path: Path) -> None:
    notebook: Any = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=2 * PATIENCE, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [outputs(cell) for cell in notebook.cells if cell.cell_type == "code"]
    whole = "\n".join(shown)
    assert "Traceback" not in whole
    assert "stderr" not in {output.get("name") for cell in notebook.cells for output in cell.get("outputs", [])}
    # The committed outputs are those of such a run: the same cells show the same kinds of things.
    kept: Any = nbformat.read(path, as_version=4)
    assert [kinds(cell) for cell in notebook.cells] == [kinds(cell) for cell in kept.cells]


def run(*cells: str) -> list[Any]:
    """Run cells in a kernel of their own."""
    notebook: Any = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=2 * PATIENCE).execute()
    return list(notebook.cells)


SET_UP = """
import os
from midjourney_imagine import AsyncClient, Client, Emulator, imagine
emulator = Emulator(speed="fast", seed=1)
os.environ |= {"ACEDATACLOUD_API_TOKEN": "t", "ACEDATACLOUD_API_BASE_URL": emulator.url}
"""


def test_in_a_kernel_the_preview_grows_and_the_picture_is_embedded() -> None:
    _, quiet, loud, shown, later = run(
        SET_UP,
        "grid = Client().imagine('A cat')",
        "grid = imagine('A cat', mode='turbo')",
        "grid",
        "grid = await AsyncClient(progress=None).imagine('A cat')\ngrid",
    )
    assert quiet.outputs == []
    (bar,) = loud.outputs
    assert bar.output_type == "display_data"
    assert "done in" in bar.data["text/plain"]
    assert embedded(bar.data["text/html"]).size == (512, 512)
    (result,) = shown.outputs
    assert embedded(result.data["text/html"]).size == (1024, 1024)
    assert result.data["text/plain"].startswith("Image(image_id=")
    bar, result = later.outputs
    assert "done in" in bar.data["text/plain"]
    assert embedded(result.data["text/html"])
    assert result.data["text/plain"].startswith("AsyncImage(image_id=")


def test_in_a_kernel_a_failure_is_named_below_the_bar() -> None:
    cell = run(SET_UP, "try:\n    imagine('A cat --emulate refuse:used_up')\nexcept Exception as error:\n    pass")[1]
    assert cell.outputs[0].data["text/plain"] == "InsufficientBalanceError"
