"""What the readers of the several shapes hand over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from assertcheck.model import PasteKind
from assertcheck.saml.decoder import message_of
from assertcheck.saml.model import Binding, Message, Parameter

MOST = 64
"""Messages that are looked at; a sign-in has two, a browser's export a dozen."""
VALUES = ("SAMLRequest", "SAMLResponse", "SAMLart")
"""The parameters that are a message, or stand for one."""
SIGNING = ("RelayState", "SigAlg", "Signature")
"""The parameters that go with a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A message as it stood in the paste."""

    kind: PasteKind
    message: Message
    parameters: tuple[Parameter, ...] = ()
    xml: bytes | None = field(default=None, repr=False)
    url: str | None = None
    binding: Binding | None = None
    is_as_sent: bool = False
    in_url: tuple[Parameter, ...] = ()
    behind_hash: tuple[str, ...] = ()
    is_all: bool = False
    """Whether it is XML and the text holds nothing else."""
    removed: tuple[str, ...] = ()
    is_answered_with_error: bool = False
    """Whether what was answered to it holds an error of Entra ID."""

    @property
    def identity(self) -> str | bytes | None:
        """Return what tells it from another message."""
        own = (each.value for each in self.parameters if each.name in VALUES)
        return self.xml or next(own, None)


def is_telling(parameters: Sequence[Parameter]) -> bool:
    """Tell whether one of `parameters` is a message of SAML or of WS-Federation."""
    return any(each.name in VALUES or is_ws_federation(each) for each in parameters)


def is_signing(parameters: Sequence[Parameter]) -> bool:
    """Tell whether `parameters` belong to a message, though there is none among them."""
    return any(each.name in SIGNING for each in parameters)


def is_ws_federation(parameter: Parameter) -> bool:
    """Tell whether `parameter` says that this is WS-Federation (its §13.2.1)."""
    return parameter.name == "wa" and parameter.value.startswith("wsign")


def message_in(parameters: Sequence[Parameter]) -> Message:
    """Tell what kind of message `parameters` carry, without judging it."""
    values = {each.name: each.value for each in reversed(parameters)}
    if "SAMLRequest" in values:
        return message_of(values["SAMLRequest"])
    if "SAMLResponse" in values:
        message = message_of(values["SAMLResponse"])
        return Message.RESPONSE if message is Message.UNKNOWN else message
    return Message.ARTIFACT if "SAMLart" in values else Message.WS_FEDERATION
