"""A SAML request in a report: what it says, and its JSON."""

from __future__ import annotations

from collections.abc import Iterator

from assertcheck.render.json_report import moment
from assertcheck.render.layout import Style, labelled, wrapped
from assertcheck.saml.algorithms import algorithm
from assertcheck.saml.model import Binding, SamlFacts, SamlSignature
from assertcheck.saml.rules.context import place_of
from assertcheck.words import date, listed, plain

_BINDINGS = {Binding.REDIRECT: "HTTP-Redirect", Binding.POST: "HTTP-POST", None: "not known"}


def request_block(request: SamlFacts, style: Style) -> list[str]:
    """Return the block of text on `request`."""
    rows = tuple(_rows(request))
    size = max(len(name) for name, _ in rows)
    lines = [style.paint("Request", "1")]
    for name, value in rows:
        lines += labelled(name.ljust(size), size, value, style)
    return lines + wrapped(request.fingerprint, style, indent="  ")


def request_member(request: SamlFacts) -> dict[str, object]:
    """Return `request` as a member of the JSON report."""
    return {
        "message": request.message,
        "binding": request.binding,
        "id": request.id,
        "issuer": request.issuer,
        "destination": request.destination,
        "acs_url": request.acs_url,
        "name_id_format": request.name_id_format,
        "issued": moment(request.issued),
        "relay_state": request.relay_state,
        "signatures": [_signature(each) for each in request.signatures],
        "fingerprint": request.fingerprint,
    }


def _rows(request: SamlFacts) -> Iterator[tuple[str, str]]:
    yield "message", str(request.message)
    yield "binding", _BINDINGS[request.binding]
    for name, value in (
        ("ID", request.id),
        ("Issuer", request.issuer),
        ("Destination", request.destination),
        ("reply to", request.acs_url),
        ("NameID", request.name_id_format),
    ):
        if value is not None:
            yield name, plain(value)
    if request.issued:
        yield "issued", date(request.issued)
    yield "RelayState", "there is one" if request.relay_state else "none"
    for signature in request.signatures:
        yield "signed", _told(signature, request.binding)
    if not request.signatures:
        yield "signed", "no"


def _told(signature: SamlSignature, binding: Binding | None) -> str:
    known = algorithm(signature.algorithm)
    name = known.name if known else plain(signature.algorithm or "no algorithm named")
    over = f", over {listed(signature.references)}" if any(signature.references) else ""
    carried = [
        each.certificate.subject for each in signature.certificates if each.certificate is not None
    ]
    key = f", KeyInfo with {listed(carried)}" if carried else ""
    return f"{place_of(signature.place, binding)}, {name}{over}{key}"


def _signature(signature: SamlSignature) -> dict[str, object]:
    return {
        "place": signature.place,
        "algorithm": signature.algorithm,
        "references": list(signature.references),
        "digests": list(signature.digests),
        "transforms": [list(each) for each in signature.transforms],
        "parent": signature.parent,
        "canonicalization": signature.canonicalization,
        "certificates": [
            each.certificate.sha1.hex().upper()
            for each in signature.certificates
            if each.certificate is not None
        ],
    }
