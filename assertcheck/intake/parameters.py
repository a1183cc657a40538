"""The parameters of a request, out of the JSON that programs print them as."""

from __future__ import annotations

from assertcheck.intake.form import form_parameters
from assertcheck.intake.found import Parameter
from assertcheck.intake.names import canonical

_MOST = 200
"""Parameters of one request, and headers."""


def members(value: object) -> tuple[Parameter, ...]:
    """Return the members of the JSON object `value` that are text, or a list of one text."""
    if not isinstance(value, dict) or len(value) > _MOST:
        return ()
    return tuple(
        Parameter(name=canonical(name), value=inner)
        for name, member in value.items()
        if (inner := _only_text(member)) is not None
    )


def pairs(values: object) -> tuple[Parameter, ...]:
    """Return the parameters in a list of `{"name": …, "value": …}`; Postman says `key`."""
    found = (
        (text_in(each, "name") or text_in(each, "key"), text_in(each, "value"))
        for each in (values[:_MOST] if isinstance(values, list) else [])
    )
    return tuple(
        Parameter(name=name, value=value) for name, value in found if name and value is not None
    )


def once_decoded(parameters: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """Undo the encoding of a body that was taken apart but not decoded.

    A type or scope that is still encoded gives it away; neither has a `%` of its own.
    """
    told = [each.value for each in parameters if each.name in ("client_assertion_type", "scope")]
    if not any(value.lower().startswith(("urn%3a", "https%3a", "api%3a")) for value in told):
        return parameters
    return form_parameters("&".join(f"{each.name}={each.value}" for each in parameters))


def member(value: object, name: str) -> object:
    """Return the member `name` of the JSON object `value`; `None` if there is none."""
    return value.get(name) if isinstance(value, dict) else None


def text_in(value: object, name: str) -> str | None:
    """Return the member `name` of the JSON object `value`, if it is text."""
    found = member(value, name)
    return found if isinstance(found, str) else None


def _only_text(value: object) -> str | None:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, str) else None
