"""What the rules on a registration look at, and which of its keys are there for what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from assertcheck.aadsts.diagnosis import app_or_placeholder
from assertcheck.graph import Content, KeyCredential, Registration, Source
from assertcheck.keys.validity import State, state_at, window_of
from assertcheck.model import Candidate

TOLERANCE = timedelta(days=1)
"""Between the dates of a registration and its certificate: tools cut the time of day off."""
UNUSED = "unused"
"""The `preferredTokenSigningKeyThumbprint` that names no key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredKey:
    """A key credential and the object it stands on."""

    credential: KeyCredential
    on: Registration

    @property
    def name(self) -> str:
        """What to call it in a sentence: its label, and its name where it has one."""
        name = self.credential.display_name
        return f"{self.credential.label} ({name})" if name else self.credential.label


@dataclass(frozen=True, slots=True, kw_only=True)
class AppContext:
    """All that a rule on a registration may look at; at least one of the two objects is there."""

    application: Registration | None
    """The application, or its credentials alone."""
    principal: Registration | None
    """The service principal of the same app."""
    now: datetime
    """UTC; the only clock a rule may read."""
    min_days: int | None
    """Warn of keys that end within so many days."""
    is_federated: bool = False
    """Whether it has federated credentials, which stand in no export of either object."""

    @property
    def objects(self) -> tuple[Registration, ...]:
        """What there is of the two, the application first."""
        return tuple(each for each in (self.application, self.principal) if each)

    @property
    def client_id(self) -> str:
        """The client id, or the word for it."""
        known = [each.app_id for each in self.objects if each.app_id]
        return app_or_placeholder(known[0] if known else None)

    @property
    def keys(self) -> tuple[RegisteredKey, ...]:
        """Every key credential of both objects."""
        return tuple(
            RegisteredKey(credential=credential, on=each)
            for each in self.objects
            for credential in each.keys or ()
        )

    @property
    def verifying(self) -> tuple[RegisteredKey, ...]:
        """The keys that assertions are verified with.

        Those of a SAML service principal are not: they are halves of the keys it signs with.
        """
        return tuple(
            key for key in self.keys if key.credential.is_for_verifying and not is_saml(key.on)
        )

    @property
    def valid(self) -> tuple[RegisteredKey, ...]:
        """Those of `verifying` that can be used now, as far as their dates go."""
        return tuple(key for key in self.verifying if self.state(key.credential) is State.VALID)

    @property
    def judged(self) -> tuple[Candidate, ...]:
        """The certificates whose keys have to fit assertions."""
        found = (key.credential.candidate for key in self.valid)
        return tuple(candidate for candidate in found if candidate and candidate.certificate)

    @property
    def is_saml_app(self) -> bool:
        """Whether users sign in to it with SAML, so that it needs no key to sign in itself."""
        return self.verifies_requests or any(is_saml(each) for each in self.objects)

    @property
    def verifies_requests(self) -> bool:
        """Whether SAML requests to it have to be signed, so that its keys verify those."""
        return any(is_verifying_requests(each) for each in self.objects)

    def state(self, credential: KeyCredential) -> State:
        """Return whether `credential` is valid now."""
        return state_at(window_of(credential), self.now)


def is_saml(registration: Registration) -> bool:
    """Tell whether `registration` is a service principal that signs SAML responses."""
    if registration.source is not Source.SERVICE_PRINCIPAL:
        return False
    return (
        is_saml_mode(registration)
        or active_thumbprint(registration) is not None
        or any(key.is_for_signing for key in registration.keys or ())
    )


def is_saml_mode(registration: Registration) -> bool:
    """Tell whether SAML is its way of single sign-on."""
    return (registration.single_sign_on or "").lower() == "saml"


def active_thumbprint(registration: Registration) -> str | None:
    """Return the thumbprint of the signing certificate that is active, where one is named."""
    value = (registration.preferred_thumbprint or "").strip()
    return value if value and value.lower() != UNUSED else None


def is_verifying_requests(registration: Registration) -> bool:
    """Tell whether its SAML requests have to be signed."""
    return bool(registration.request_signature and registration.request_signature.is_required)


def keyless(keys: tuple[RegisteredKey, ...]) -> Iterator[RegisteredKey]:
    """Yield those of `keys` whose `key` the export leaves out."""
    return (key for key in keys if key.credential.content is Content.NONE)


def export_of(registration: Registration) -> str:
    """Return the command that exports what `registration` is of, with its keys."""
    # Imported late: few reports need it, and reading a registration takes cryptography.
    from assertcheck.keys.registration import export_command

    return f"`{export_command(registration)}`"
