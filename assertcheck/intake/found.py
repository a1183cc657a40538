"""What the readers of the several shapes hand over."""

from __future__ import annotations

from dataclasses import dataclass, field

from assertcheck.model import PasteKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of a request, as the one who receives it would read it."""

    name: str
    """As OAuth spells it, where it is one of OAuth's; else as written."""
    value: str = field(repr=False)
    has_bare_plus: bool = False
    """Whether `value` holds a `+` that form decoding (WHATWG URL §5.1) makes a space of."""
    is_broken: bool = False
    """Whether it was shown with line breaks that were not sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A request, or a part of one, as it stood in the paste."""

    parameters: tuple[Parameter, ...] = ()
    url: str | None = None
    method: str | None = None
    content_type: str | None = None
    authorization: str = field(default="", repr=False)
    """The value of that header."""
    is_sent: bool = True
    """Whether the values are what was sent, rather than quoted or assigned somewhere."""
    is_whole: bool = False
    answer: str = field(default="", repr=False)
    """What came back, where that is known."""

    def value(self, name: str) -> str | None:
        """Return the first value of the parameter `name`; `None` without one."""
        return next((each.value for each in self.parameters if each.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a paste of one shape held."""

    kind: PasteKind
    messages: tuple[Message, ...] = ()
    texts: tuple[str, ...] = field(default=(), repr=False)
    """Where tokens may stand outside a request."""
    removed: tuple[str, ...] = ()
