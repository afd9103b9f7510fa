# pyright: reportPrivateUsage=false
"""Both clients, and the module's own functions, offer the same under the same names."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

import midjourney_imagine
from midjourney_imagine import MidjourneyError, _default, _options, aio, client
from midjourney_imagine._options import ActionOptions, CallOptions
from midjourney_imagine.models import ImagineOptions

PAIRS = [
    (client.Client, aio.AsyncClient),
    (client.Image, aio.AsyncImage),
    (client.Task, aio.AsyncTask),
    (client.Updates, aio.AsyncUpdates),
]
ONLY_ASYNC = {"aclose"}
"""`contextlib.aclosing` asks for that name; both kinds of streams have `close`."""


def methods(kind: type[Any]) -> dict[str, Any]:
    return {name: value for name, value in inspect.getmembers(kind) if not name.startswith("_") and callable(value)}


def parameters(function: Any) -> list[tuple[str, Any, Any]]:
    return [
        (name, parameter.kind, parameter.default)
        for name, parameter in inspect.signature(function).parameters.items()
        if name != "self"
    ]


@pytest.mark.parametrize(("blocking", "asynchronous"), PAIRS, ids=lambda kind: kind.__name__)
def test_both_clients_have_the_same_methods_and_parameters(blocking: type[Any], asynchronous: type[Any]) -> None:
    ours, theirs = methods(blocking), methods(asynchronous)
    assert ours.keys() == theirs.keys() - ONLY_ASYNC
    for name, function in ours.items():
        assert parameters(function) == parameters(theirs[name]), name
    assert parameters(blocking.__init__) == parameters(asynchronous.__init__)


@pytest.mark.parametrize(("blocking", "asynchronous"), PAIRS, ids=lambda kind: kind.__name__)
def test_both_clients_have_the_same_properties(blocking: type[Any], asynchronous: type[Any]) -> None:
    def properties(kind: type[Any]) -> set[str]:
        return {name for name, value in inspect.getmembers(kind) if isinstance(value, property)}

    assert properties(blocking) == properties(asynchronous)


def test_both_take_the_same_options() -> None:
    for name in ("WaitOptions", "EditOptions", "GenerateOptions"):
        blocking, asynchronous = getattr(_options, name), getattr(_options, f"Async{name}")
        assert blocking.__annotations__.keys() == asynchronous.__annotations__.keys()


@pytest.mark.parametrize("name", ["imagine", "stream", "submit"])
def test_a_generation_takes_every_option_of_the_api(name: str) -> None:
    """The generated options are the Rust request's; what is written out by hand must not fall behind them."""
    taken = parameters(methods(client.Client)[name])
    written = {parameter for parameter, kind, _ in taken if kind.name == "KEYWORD_ONLY"}
    waiting = {"on_progress", "progress"} if name == "imagine" else set[str]()
    assert written == ImagineOptions.__annotations__.keys() | CallOptions.__annotations__.keys() | {"mask"} | waiting


def test_an_action_takes_every_option_of_a_generation() -> None:
    assert ActionOptions.__annotations__.keys() == CallOptions.__annotations__.keys() | {"mask", "prompt"}


@pytest.mark.parametrize(
    "function",
    [
        client.Client.imagine,
        aio.AsyncClient.stream,
        aio.AsyncImage.upscale,
        _default.imagine,
        _default.variation_region,
    ],
    ids=lambda function: function.__qualname__,
)
def test_every_option_is_shown_with_its_default_and_its_meaning(function: Any) -> None:
    shown = inspect.getdoc(function) or ""
    # `help()` and Jupyter ask the function, and the method of an object.
    for signature in (inspect.signature(function), inspect.signature(function.__get__(object()))):
        options = [each for each in signature.parameters.values() if each.kind is each.KEYWORD_ONLY]
        assert len(options) >= 12
        for option in options:
            assert option.default is None
            assert re.search(rf"^    {option.name}: .{{20}}", shown, re.MULTILINE), option.name
        assert str(signature).count("style_reference: 'bool | None' = None") == 1
    assert shown.count("Args:") == 1
    assert "options:" not in shown


@pytest.mark.parametrize("name", ["imagine", "stream", "submit", "task", "tasks", "image"])
def test_the_modules_functions_are_the_clients(name: str) -> None:
    assert parameters(getattr(_default, name)) == parameters(methods(client.Client)[name])


def test_the_modules_functions_are_the_images_actions() -> None:
    not_actions = {"bytes", "save", "stream", "submit", "to_dict", "to_json", "to_pil", "keep"}
    for name in methods(client.Image).keys() - not_actions:
        ours = parameters(getattr(midjourney_imagine, name))
        assert ours[0][0] == "image"
        assert ours[1:] == parameters(methods(client.Image)[name]), name


def test_every_error_is_a_public_name() -> None:
    assert {error.__name__ for error in MidjourneyError.__subclasses__()} <= set(midjourney_imagine.__all__)


def test_every_public_name_is_there_and_documented() -> None:
    for name in midjourney_imagine.__all__:
        value = getattr(midjourney_imagine, name)
        if name != "__version__":
            assert value.__doc__, name
    for kind in (each for pair in PAIRS for each in pair):
        for name, value in inspect.getmembers(kind):
            if not name.startswith("_"):
                assert value.__doc__, f"{kind.__name__}.{name}"
