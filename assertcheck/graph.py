"""The vocabulary of Microsoft Graph: what is registered on an app."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assertcheck.model import Candidate


class Source(StrEnum):
    """What was exported; the value is the word for it."""

    APPLICATION = "application"
    SERVICE_PRINCIPAL = "service principal"
    CREDENTIALS = "credential list"
    """The credentials alone, as `az ad app credential list` gives them."""


class Content(StrEnum):
    """What the `key` of a key credential holds."""

    CERTIFICATE = "certificate"
    PUBLIC_KEY = "public key"
    """A bare key: Entra ID registers certificates."""
    PRIVATE_KEY = "private key"
    """Uploaded by mistake; it is not kept."""
    NONE = "none"
    """Left out of the export, which Graph does unless it is asked for by name."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCredential:
    """A member of `keyCredentials`; `None` for what the export does not say."""

    label: str
    """What the user knows it by: `app.json[0]`."""
    key_id: str | None
    """The GUID of the registration, no thumbprint."""
    display_name: str | None
    type: str | None
    """`AsymmetricX509Cert` or `X509CertAndPassword`."""
    usage: str | None
    """`Verify` or `Sign`."""
    start: datetime | None
    """UTC; without it, as without `end`, whether it can be used is not known: Entra ID has both."""
    end: datetime | None
    identifier: bytes | None
    """`customKeyIdentifier`, decoded from base64 or hex: mostly the SHA-1 of the certificate, but
    whoever registered it may have set anything."""
    identifier_text: str | None
    """The same as written, safe to show."""
    content: Content
    candidate: Candidate | None
    """The key it holds, called as `label`; `None` unless it could be read."""
    unread_dates: tuple[str, ...] = ()
    """Which of `startDateTime` and `endDateTime` are there and cannot be read."""
    notes: tuple[str, ...] = ()
    """What there is to say of how the key is written, each in a few words without a secret."""

    @property
    def is_for_signing(self) -> bool:
        """Whether Entra ID signs with it."""
        return (self.usage or "").lower() == "sign"

    @property
    def is_for_verifying(self) -> bool:
        """Whether Entra ID verifies with it, or the export does not say what it does."""
        return (self.usage or "verify").lower() == "verify"

    @property
    def digest(self) -> bytes | None:
        """The thumbprint of its certificate, else its identifier, which a private key belies."""
        certificate = self.candidate.certificate if self.candidate else None
        if certificate:
            return certificate.sha1
        return None if self.content is Content.PRIVATE_KEY else self.identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordCredential:
    """A member of `passwordCredentials`, of which the secret itself is never kept."""

    label: str
    key_id: str | None
    display_name: str | None
    start: datetime | None
    end: datetime | None
    identifier: bytes | None
    """`customKeyIdentifier`: with a `Sign` key, what ties the password to it."""
    unread_dates: tuple[str, ...] = ()
    """Which of `startDateTime` and `endDateTime` are there and cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSignature:
    """`requestSignatureVerification`: whether SAML requests have to be signed."""

    is_required: bool
    weak_algorithms: tuple[str, ...]
    """`allowedWeakAlgorithms`: `rsaSha1`, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """An app registration or a service principal; `None` for what the export does not say."""

    label: str
    """The file it came from."""
    source: Source
    app_id: str | None
    """The client id, a GUID in lower case."""
    object_id: str | None
    display_name: str | None
    tenant: str | None
    """The tenant that owns the app, a GUID, where the export says so."""
    keys: tuple[KeyCredential, ...] | None
    """`keyCredentials`; `None` where the export leaves them out, empty where there are none."""
    passwords: tuple[PasswordCredential, ...] | None
    identifier_uris: tuple[str, ...]
    service_principal_names: tuple[str, ...]
    reply_urls: tuple[str, ...]
    """`web.redirectUris` and its kin on an application, `replyUrls` on a service principal."""
    preferred_thumbprint: str | None
    """`preferredTokenSigningKeyThumbprint`, as written."""
    single_sign_on: str | None
    """`preferredSingleSignOnMode`: `saml` and others."""
    request_signature: RequestSignature | None
    is_enabled: bool | None
    """`accountEnabled` of a service principal."""
    is_public: bool | None
    """`isFallbackPublicClient` of an application."""
    has_trusted_subjects: bool | None
    """Whether it trusts certificates by subject name and issuer (`trustedCertificateSubjects`)."""
    platforms: tuple[str, ...] = ()
    """What it has redirect URIs for, as Graph calls it: `web`, `spa`, `publicClient`."""
    has_scopes: bool = False
    """Whether it has scopes for others to call it with (`api.oauth2PermissionScopes`)."""
    has_roles: bool = False
    """Whether it has roles to give to others (`appRoles`)."""
    has_implicit_flow: bool = False
    """Whether it has tokens issued to the browser (`web.implicitGrantSettings`)."""
    is_purpose_shown: bool = True
    """Whether the export has the members that show what the application is there for."""
    encryption_key_id: str | None = None
    """`tokenEncryptionKeyId`: the key of an application that Entra ID encrypts its tokens for."""
    cut_off: tuple[str, ...] = ()
    """The members that `ConvertTo-Json` cut off, by name: what they hold is not known."""
    notes: tuple[str, ...] = ()
    """What is worth knowing of the export."""

    @property
    def is_principal(self) -> bool:
        """Whether this is a service principal: the keys of the app are on its application."""
        return self.source is Source.SERVICE_PRINCIPAL


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedIdentity:
    """A user-assigned managed identity, as Azure Resource Manager calls it."""

    name: str
    resource_group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FederatedCredential:
    """A federated identity credential: whose tokens an app takes in place of its own."""

    label: str
    """What the user knows it by: its name, else `federated.json[0]`."""
    issuer: str
    subject: str | None
    """`None` for a flexible one, which has `expression` instead."""
    audiences: tuple[str, ...]
    expression: str | None
    """`claimsMatchingExpression.value`."""
    cut_off: tuple[str, ...] = ()
    """The members that `ConvertTo-Json` cut off, by name: what they hold is not known."""
    identity: ManagedIdentity | None = None
    """Whose it is, where it is not an app's."""
    is_from_state: bool = False
    """Whether it stands in a Terraform state, which lacks what others registered."""
    credential_id: str | None = None
    """Its `id`, a GUID in lower case, which tools take in place of its name."""

    @property
    def is_audience_unknown(self) -> bool:
        """Whether its audiences were cut off."""
        return any(name.lower() in ("audiences", "audience") for name in self.cut_off)

    @property
    def is_expression_unknown(self) -> bool:
        """Whether its expression was cut off."""
        return any(name.lower() == "claimsmatchingexpression" for name in self.cut_off)
