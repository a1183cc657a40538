"""From an error of Entra ID to what it means and what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assertcheck.aadsts.catalogue import entry
from assertcheck.aadsts.diagnosis import Diagnosis, tells
from assertcheck.aadsts.federated_error import read_federated_error
from assertcheck.aadsts.key_error import read_key_error
from assertcheck.aadsts.registered_key import told_of_app, with_keys
from assertcheck.aadsts.time_error import read_time_error
from assertcheck.authority import NIL, is_guid
from assertcheck.graph import Registration
from assertcheck.keys.registered import match
from assertcheck.model import Candidate, ReturnedError
from assertcheck.words import span

_CLAIMS = ("iss", "aud", "sub", "exp")
"""Fields of AADSTS90014 that stand in the assertion; others stand in the request."""


def diagnose_error(
    error: ReturnedError,
    candidates: Sequence[Candidate] = (),
    registration: Registration | None = None,
) -> Diagnosis:
    """Return what `error` tells; `candidates` and those of `registration` may be what it is about."""
    code = error.stands_for or error.code
    read = _READERS.get(code)
    told = read(error) if read else tells()
    if code == "AADSTS700027":
        keys = match(candidates, registration) if registration else candidates
        told = read_key_error(error, keys)
        if registration:
            told = with_keys(told, error, keys, registration)
    elif registration:
        told = tells(*told_of_app(error, registration), *told.remarks, causes=told.causes)
    known = entry(code)
    if known is None or told.causes:
        return told
    about_reason = tuple(each for each in known.causes if error.reason and error.reason in each)
    return tells(*told.remarks, causes=about_reason or known.causes)


def _user_assertion(error: ReturnedError) -> Diagnosis:
    remark = (
        "this is about the user's token in the field assertion (the on-behalf-of flow), not about "
        "the client assertion"
    )
    if error.app_id == NIL:
        remark += "; the app id is all zeros, which tells it from AADSTS700027"
    now, ends = error.current_time, error.expires
    return tells(remark, *((f"it had expired {span(now - ends)} before",) if now and ends else ()))


def _ids(_: ReturnedError) -> Diagnosis:
    return tells(
        "the message names neither id: compare `iss` and `sub` of the assertion with the client_id "
        "that was posted; all three are to be the application (client) id"
    )


def _application(error: ReturnedError) -> Diagnosis:
    if error.app_id is None:
        return tells()
    where = f"the directory {error.tenant}" if error.tenant else "the directory"
    remark = f"{error.app_id} is the client id that was sent, and {where} has no such app"
    if is_guid(error.app_id):
        return tells(remark)
    return tells(remark, "it is no GUID: client_id takes the application (client) id")


def _missing(error: ReturnedError) -> Diagnosis:
    if error.quoted is None:
        return tells()
    if error.quoted in _CLAIMS:
        return tells(
            f"`{error.quoted}` is a claim of the assertion",
            causes=(
                "the claim is missing or null: set `iss` and `sub` to the client id, `aud` to the "
                "URL the request is posted to",
            ),
        )
    return tells(
        f"{error.quoted} is a field of the request, not of the assertion",
        causes=("the field was not sent: add it, and post the body form-encoded",),
    )


def _algorithm(error: ReturnedError) -> Diagnosis:
    return tells(f"`alg` in the header was {error.quoted}") if error.quoted else tells()


_READERS: dict[str, Callable[[ReturnedError], Diagnosis]] = {
    "AADSTS700024": read_time_error,
    "AADSTS700021": _ids,
    "AADSTS700016": _application,
    "AADSTS90014": _missing,
    "AADSTS900144": _missing,
    "AADSTS5002738": _algorithm,
    "AADSTS50013": _user_assertion,
    "AADSTS500131": _user_assertion,
    "AADSTS500133": _user_assertion,
    "AADSTS900384": _user_assertion,
    **dict.fromkeys(
        (
            "AADSTS70021",
            "AADSTS70025",
            "AADSTS700211",
            "AADSTS700212",
            "AADSTS700213",
            "AADSTS7000272",
            "AADSTS7002131",
            "AADSTS7002138",
        ),
        read_federated_error,
    ),
}
