"""What the rules on a registration look at, and which of its keys are there for what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from assertcheck.aadsts.diagnosis import app_or_placeholder
from assertcheck.aadsts.registering import list_command
from assertcheck.graph import Content, KeyCredential, PasswordCredential, Registration, Source
from assertcheck.keys.cut_off import AGAIN
from assertcheck.keys.validity import State, state_at, window_of
from assertcheck.model import Candidate

TOLERANCE = timedelta(days=1)
"""Between the dates of a registration and its certificate: tools cut the time of day off."""
UNUSED = "unused"
"""The `preferredTokenSigningKeyThumbprint` that names no key."""
RIGHT_TYPE = "AsymmetricX509Cert"
"""What Entra ID calls a key that verifies assertions."""


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
class RegisteredSecret:
    """A password credential that an app signs in with, and the object it stands on."""

    credential: PasswordCredential
    on: Registration

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
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
            RegisteredKey(credential=credential, on=each)
            for each in self.objects
            if not is_saml(each)
            for credential in _verifying_on(each)
        )

    @property
    def valid(self) -> tuple[RegisteredKey, ...]:
        """Those of `verifying` that can be used now, as far as their dates go."""
        return tuple(key for key in self.verifying if self.state(key.credential) is State.VALID)

    @property
    def outlived(self) -> tuple[RegisteredKey, ...]:
        """Those of `verifying` whose certificate has ended, while the registration goes on.

        Entra ID goes by the registration; whether by the certificate as well is not known.
        """
        return tuple(key for key in self.verifying if self.is_outlived(key))

    @property
    def serving(self) -> tuple[RegisteredKey, ...]:
        """Those of `verifying` that an assertion may be verified with, for all the export says."""
        return tuple(
            key
            for key in self.verifying
            if is_fit(key.credential)
            and (
                self.state(key.credential) in (State.VALID, State.UNKNOWN) or self.is_outlived(key)
            )
        )

    @property
    def perhaps_serving(self) -> tuple[RegisteredKey, ...]:
        """Those of `valid` and `outlived` that nothing shows to be unfit."""
        return tuple(key for key in (*self.valid, *self.outlived) if is_perhaps_fit(key.credential))

    @property
    def trusts_subjects(self) -> bool:
        """Whether it takes certificates that are not registered, by subject name and issuer."""
        return any(each.has_trusted_subjects for each in self.objects)

    @property
    def secrets(self) -> tuple[RegisteredSecret, ...]:
        """The secrets of both objects; what opens a signing key is none."""
        return tuple(
            RegisteredSecret(credential=password, on=each)
            for each in self.objects
            for password in _opening_none(each)
        )

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

    def is_outlived(self, key: RegisteredKey) -> bool:
        """Tell whether `key` is one of `outlived`."""
        credential, candidate = key.credential, key.credential.candidate
        certificate = candidate.certificate if candidate else None
        if certificate is None or credential.start is None or credential.end is None:
            return False
        return certificate.not_after < self.now and credential.start <= self.now <= credential.end


def is_saml(registration: Registration) -> bool:
    """Tell whether `registration` is a service principal that signs SAML responses."""
    if registration.source is not Source.SERVICE_PRINCIPAL:
        return False
    # Where users sign in otherwise, the signing keys and their thumbprint are left from before.
    if registration.single_sign_on is not None:
        return is_saml_mode(registration)
    has_keys = any(key.is_for_signing for key in registration.keys or ())
    return has_keys or active_thumbprint(registration) is not None


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


def lacking_keys(registration: Registration) -> str:
    """Say that `registration` does not show its keys, and, behind a semicolon, what does."""
    if _is_cut(registration):
        return f"keyCredentials were cut off in {registration.label}; {AGAIN}"
    if registration.source is Source.CREDENTIALS and registration.passwords:
        return f"{registration.label} lists secrets only; {list_command(None)} lists the keys"
    return (
        f"{registration.label} leaves keyCredentials out; export it with {export_of(registration)}"
    )


def lacking_contents(registration: Registration) -> str:
    """Say that `registration` does not show what its keys hold, and what does."""
    said = f"{registration.label} leaves out what the keys hold"
    if _is_cut(registration):
        return f"{said}; {AGAIN}"
    return f"{said}; {export_of(registration)} shows it"


def is_fit(credential: KeyCredential) -> bool:
    """Tell whether `credential` is what an assertion can be verified with, its dates aside."""
    return (
        credential.content in (Content.CERTIFICATE, Content.NONE)
        and has_right_type(credential)
        and is_rsa(credential)
    )


def is_perhaps_fit(credential: KeyCredential) -> bool:
    """Tell whether nothing shows `credential` to be unfit, its dates aside.

    What the wrong type does, and what lies in a key that cannot be read, is not known.
    """
    is_bare = credential.content in (Content.PUBLIC_KEY, Content.PRIVATE_KEY)
    return not is_bare and is_rsa(credential)


def is_rsa(credential: KeyCredential) -> bool:
    """Tell whether the key is an RSA key, or the export does not show what it is."""
    return credential.candidate is None or credential.candidate.key_text.startswith("RSA ")


def has_right_type(credential: KeyCredential) -> bool:
    """Tell whether `credential` has the type of a certificate, or the export does not say."""
    return not credential.type or credential.type.lower() == RIGHT_TYPE.lower()


def names_of(credential: KeyCredential | PasswordCredential) -> tuple[str | bytes, ...]:
    """Return what a signing key and the password that opens it have in common, if they do."""
    return tuple(name for name in (credential.key_id, credential.identifier) if name is not None)


def _verifying_on(registration: Registration) -> Iterator[KeyCredential]:
    """Yield the keys that verify, but for the halves of what Entra ID signed with before."""
    keys = registration.keys or ()
    signing = {key.identifier for key in keys if key.is_for_signing} - {None}
    halves = signing if registration.is_principal else set()
    return (key for key in keys if key.is_for_verifying and key.identifier not in halves)


def _opening_none(registration: Registration) -> Iterator[PasswordCredential]:
    signing = {
        name for key in registration.keys or () if key.is_for_signing for name in names_of(key)
    }
    return (each for each in registration.passwords or () if signing.isdisjoint(names_of(each)))


def _is_cut(registration: Registration) -> bool:
    # A list of credentials alone has no name but that of its members.
    return any(
        name.lower().startswith("keycredential") or name.lower() == "key"
        for name in registration.cut_off
    )
