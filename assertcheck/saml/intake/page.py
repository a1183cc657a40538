"""The page with a form that submits itself (SAML Bindings §3.5.4), and what is XML already."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from itertools import islice

from assertcheck.model import PasteKind
from assertcheck.saml.decoder import message_of_xml
from assertcheck.saml.intake.found import Found, is_telling, message_in
from assertcheck.saml.intake.query import url_parameters, without_user
from assertcheck.saml.model import Binding, Parameter
from assertcheck.saml.xml_tree import MAX_XML

_MOST = 256
"""Forms and fields of one page."""
_LONGEST = 2 * MAX_XML
"""Characters of a tag."""
_TAG = re.compile(r"<(form|input|textarea)(?=[\s/>])", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"[\s/]*+([^\s=>/\"'<]{1,80}+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++)))?+"
)
_ROOT = (
    "AuthnRequest|LogoutRequest|LogoutResponse|Response|EncryptedAssertion|Assertion|Envelope"
    "|ArtifactResolve|ArtifactResponse|EntityDescriptor|EntitiesDescriptor"
)
_XML = re.compile(rf"<([\w.-]{{1,60}}:)?({_ROOT})(?=[\s>/])")
_MOST_XML = 16
_FARTHEST = 64 * 1024
"""Characters of a DOCTYPE."""
_ENCODING = re.compile(r"<\?xml\s[^>]{0,200}?\bencoding\s*=\s*[\"']([\w.-]{1,40})[\"']")
_CODECS = {"utf-16": "utf-16", "iso-8859-1": "iso-8859-1", "windows-1252": "cp1252"}
"""Encodings a declaration may name besides UTF-8, as Python calls them."""


def read_page(text: str) -> Iterator[Found]:
    """Yield the message in each form of the HTML `text`."""
    action, method = "", "post"
    fields: list[Parameter] = []
    for tag, attributes in _tags(text):
        if tag == "form":
            yield from _form(fields, action, method)
            action, method = attributes.get("action", ""), attributes.get("method", "get")
            fields = []
        elif "name" in attributes:
            value = attributes.get("value", "")
            fields.append(Parameter(name=attributes["name"], raw=value, value=value))
    yield from _form(fields, action, method)


def read_xml(text: str) -> Iterator[Found]:
    """Yield each message that stands in `text` as XML.

    What stands before the first tag of a message belongs to it, so that no DOCTYPE goes unseen.
    """
    place = 0
    for _ in range(_MOST_XML):
        root = _XML.search(text, place)
        if root is None:
            return
        start = _prolog(text, place, root.start())
        close = f"</{root[1] or ''}{root[2]}"
        end = text.find(close, root.end(), root.end() + 2 * _LONGEST)
        last = text.find(">", end + len(close)) + 1 if end >= 0 else 0
        place = last or len(text)
        is_all = not text[:start].strip() and not text[place:].strip()
        yield replace(xml_found(_encoded(text[start:place].rstrip())), is_all=is_all)


def xml_found(octets: bytes, kind: PasteKind = PasteKind.SAML) -> Found:
    """Return the message that the XML `octets` are."""
    return Found(kind=kind, message=message_of_xml(octets), xml=octets)


def _prolog(text: str, place: int, root: int) -> int:
    """Return where the XML begins whose first tag is at `root` of `text`."""
    if text[place:root].lstrip().startswith("<"):
        return place + len(text[place:root]) - len(text[place:root].lstrip())
    starts = [
        text.find(mark, max(place, root - _FARTHEST), root) for mark in ("<?xml", "<!DOCTYPE")
    ]
    return min((each for each in starts if each >= 0), default=root)


def _form(fields: list[Parameter], action: str, method: str) -> Iterator[Found]:
    if is_telling(fields):
        yield Found(
            kind=PasteKind.FORM_BODY,
            message=message_in(fields),
            parameters=tuple(fields),
            url=without_user(action.partition("?")[0]) or None,
            # A form that is sent by GET takes the place of the query in its address.
            in_url=() if method.lower() == "get" else url_parameters(action),
            binding=Binding.REDIRECT if method.lower() == "get" else Binding.POST,
            removed=("HTML",),
        )


def _tags(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    for tag in islice(_TAG.finditer(text), _MOST):
        attributes: dict[str, str] = {}
        place = tag.end()
        while len(attributes) < 40:
            match = _ATTRIBUTE.match(text, place, tag.end() + _LONGEST)
            if match is None:
                break
            value = match[2] or match[3] or match[4] or ""
            attributes.setdefault(match[1].lower(), unescape(value))
            place = match.end()
        name = tag[1].lower()
        if name == "textarea":
            start = text.find(">", place) + 1
            end = text.find("</", start, start + _LONGEST) if start else -1
            attributes["value"] = unescape(text[start:end]) if end >= 0 else ""
        yield name, attributes


def _encoded(text: str) -> bytes:
    """Return `text` in the encoding that it declares, so that the two agree."""
    declared = _ENCODING.match(text)
    codec = _CODECS.get(declared[1].lower(), "utf-8") if declared else "utf-8"
    try:
        return text.encode(codec)
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")
