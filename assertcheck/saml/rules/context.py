"""What the rules for SAML requests look at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from assertcheck.authority import read_endpoint
from assertcheck.graph import Registration
from assertcheck.model import Candidate, Finding, Outcome, Role, Severity
from assertcheck.saml.model import (
    ASSERTION,
    PROTOCOL,
    Binding,
    Element,
    Message,
    Place,
    SamlAutopsy,
    SamlFlawKind,
    SamlMistake,
    SamlRequest,
    SamlSignature,
    SamlSubmission,
    SamlVerification,
)
from assertcheck.words import quoted

_ENDPOINT = re.compile(r"/[^/]+/saml2/?", re.IGNORECASE)
"""Where in a tenant Entra ID takes SAML requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlContext:
    """All that a rule for SAML requests may look at."""

    submission: SamlSubmission
    request: SamlRequest
    binding: Binding | None
    """The one given, else the one the paste shows."""
    query: SamlVerification | None
    """The signature in the query; `None` if there is none."""
    xml: SamlVerification | None
    """The signature in the message; `None` if there is none."""
    signatures: tuple[SamlSignature, ...]
    """All that stand in the message, wherever; `xml` is about the first."""
    candidates: tuple[Candidate, ...]
    """The certificates at hand, those that are registered with their place."""
    registration: Registration | None
    now: datetime
    """UTC."""
    min_days: int | None
    secrets: frozenset[str] = frozenset()
    """Pieces of the signatures, which nothing may show; `request` and `signatures` have none."""
    found: tuple[Finding, ...] = ()
    """What earlier rules found; filled, and of use, only where the paste holds an error."""

    @property
    def required(self) -> bool | None:
        """Whether the app requires signed requests; `None` where nothing tells."""
        switch = self.registration.request_signature if self.registration else None
        if switch:
            return switch.is_required
        if self.submission.error and self.submission.error.code in DRAWN_BY_SIGNATURE:
            return True
        if self.registration:
            # It leaves the switch open; its keys may be there for client assertions as well.
            return None
        # What a verification certificate is given for.
        return True if any(each.role is Role.REGISTERED for each in self.candidates) else None

    @property
    def weight(self) -> Severity:
        """How much a bad signature weighs: Entra ID looks at it only where the app requires it."""
        return {True: Severity.ERROR, None: Severity.WARNING, False: Severity.NOTE}[self.required]

    @property
    def root(self) -> Element | None:
        """The AuthnRequest; `None` where there is none to look at."""
        return self.request.root if self.request.message is Message.AUTHN_REQUEST else None

    @property
    def looked_at(self) -> SamlVerification | None:
        """The signature in the place where the binding looks for it."""
        match self.binding:
            case Binding.REDIRECT:
                return self.query
            case Binding.POST:
                return self.xml
            case _:
                return self.query or self.xml

    @property
    def elsewhere(self) -> SamlVerification | None:
        """The signature in the place where the binding does not look."""
        match self.binding:
            case Binding.REDIRECT:
                return self.xml
            case Binding.POST:
                return self.query
            case _:
                return None

    @property
    def is_astray(self) -> bool:
        """Whether there is a signature where the binding does not look."""
        in_url = any(each.name in ("SigAlg", "Signature") for each in self.submission.in_url)
        return self.elsewhere is not None or (in_url and self.binding is Binding.POST)

    @property
    def signer(self) -> Candidate | None:
        """The configured certificate by which the signature that is looked at verifies.

        Of several, one that is known to be configured.
        """
        trials = self.looked_at.trials if self.looked_at else ()
        signers = [
            each.candidate
            for each in trials
            if each.outcome is Outcome.VALID and each.candidate.role is Role.REGISTERED
        ]
        return next((each for each in signers if each.credential), next(iter(signers), None))

    @property
    def sent_elsewhere(self) -> str | None:
        """Where the request goes, in words, if Entra ID is not known to take it there.

        Then its rules may not hold: nothing is accepted, and no answer is predicted. `None` too
        where the paste does not show it, and for what is no request.
        """
        is_request = self.request.message in (Message.AUTHN_REQUEST, Message.UNKNOWN)
        is_absent = self.request.flaws_of(SamlFlawKind.MISSING) and not self.submission.parameters
        if not is_request or is_absent:
            return None
        destination = self.root.attributes.get("Destination") if self.root else None
        # `Destination` is not evaluated (ENTRA section 8): it is only a clue where there is no URL.
        name, url = (
            ("it is sent to", self.submission.url)
            if self.submission.url
            else ("its Destination is", (destination or "").strip())
        )
        endpoint = read_endpoint(url) if url else None
        if endpoint is None:
            return None
        if endpoint.own_rules:
            what = f"which is {endpoint.own_rules}, with rules of its own"
            return f"{name} {quoted(endpoint.host)}, {what}"
        if not endpoint.is_saml_host:
            return f"{name} {quoted(endpoint.host)}, which is not known to be Entra ID's"
        if _ENDPOINT.fullmatch(urlsplit(url).path):
            return None
        return f"{name} {quoted(url)}, and Entra ID takes SAML requests at /TENANT/saml2"

    def issuer(self) -> str | None:
        """Return the text of `Issuer`."""
        found = self.root.first("Issuer", ASSERTION) if self.root else None
        return found.text if found else None

    def child(self, name: str) -> Element | None:
        """Return the child of the request called `name`, in the namespace of the protocol."""
        return self.root.first(name, PROTOCOL) if self.root else None


def is_of_repeated(ctx: SamlContext, autopsy: SamlAutopsy) -> bool:
    """Tell whether all that is wrong with a signature is that a parameter is there twice."""
    is_other = autopsy.mistake is SamlMistake.OTHER_PARAMETERS and not autopsy.also
    return is_other and bool(ctx.request.flaws_of(SamlFlawKind.REPEATED))


def place_of(place: Place, binding: Binding | None) -> str:
    """Return where a signature is, in words: `SigAlg` and `Signature` may be fields of a form."""
    if place is Place.XML:
        return "inside the XML"
    return "in fields of the form" if binding is Binding.POST else "in the query"


def shown(algorithm: str) -> str:
    """Return what names an algorithm as it can be shown: not so a signature in its place."""
    # A `+` may have become a space, or be percent-encoded still.
    if re.fullmatch(r"[\w+/=%\s-]{40,}", algorithm, re.ASCII):
        return f"{len(algorithm)} characters of base64"
    return algorithm


DRAWN_BY_SIGNATURE = tuple(f"AADSTS760{number}" for number in range(20, 32))
"""What Entra ID answers only where an app requires signed requests."""
