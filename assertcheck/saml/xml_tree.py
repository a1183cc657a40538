"""Reads XML into a tree of elements, without entities, DTD or network, and only so much of it."""

from __future__ import annotations

import re
from types import MappingProxyType
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType, errors

from assertcheck.saml.model import Element, SamlFlaw, SamlFlawKind

MAX_XML = 1024 * 1024
"""Octets that are read; a signed request with a certificate in it has 4,000."""
MAX_DEPTH = 64
"""Elements within each other; a signed request has seven."""
MAX_ELEMENTS = 10_000
"""Elements in all; a signed request has twenty."""
_SEPARATOR = " "
"""No name of an element has one (XML §2.3)."""
_NONE: MappingProxyType[str, str] = MappingProxyType({})
_UNBOUND_PREFIX = errors.codes[errors.XML_ERROR_UNBOUND_PREFIX]
_DECLARED = re.compile(rb"<\?xml\s[^>]{0,200}?\bencoding\s*=\s*[\"']([\w.-]{1,40})[\"']")
_ONE_OCTET = {"iso-8859-1": "iso-8859-1", "latin1": "iso-8859-1", "windows-1252": "cp1252"}
"""Encodings of XML besides Unicode's that were seen, as Python calls them."""
_UTF16 = (
    (b"\xff\xfe", "utf-16-le", 2),
    (b"\xfe\xff", "utf-16-be", 2),
    (b"<\0", "utf-16-le", 0),
    (b"\0<", "utf-16-be", 0),
)
"""What UTF-16 begins with, and the octets of its mark (XML appendix F)."""


def parse_tree(octets: bytes) -> tuple[Element | None, tuple[SamlFlaw, ...]]:
    """Return the root of the XML in `octets`, and what is wrong with it; never raise.

    Reading ends at the first fault, and what stood before it is in the tree; `None` if that is not
    even a first tag. A DOCTYPE is such a fault, so no entity is ever declared. Time and memory are
    bounded by `MAX_XML`, `MAX_DEPTH` and `MAX_ELEMENTS`.
    """
    flaws: list[SamlFlaw] = []
    is_cut = len(octets) > MAX_XML
    if is_cut:
        flaws.append(_flaw(SamlFlawKind.TOO_LARGE, f"more than {MAX_XML // 1024} KiB of XML"))
        # What is cut may end within a character.
        octets = octets[:MAX_XML].decode("utf-8", "ignore").encode("utf-8")
    readable = _as_utf8(octets, flaws)
    root, fault, code = _parse(readable, _SEPARATOR)
    if root is None and code == _UNBOUND_PREFIX:
        # Without namespaces there is a name at least.
        root, _, _ = _parse(readable, None)
    if fault and not (is_cut and fault.kind is SamlFlawKind.NOT_XML):
        flaws.append(fault)
    return root, tuple(flaws)


class _StopError(Exception):
    """Raised out of a handler, which is the only way to stop expat."""

    def __init__(self, flaw: SamlFlaw) -> None:
        super().__init__(flaw.detail)
        self.flaw = flaw


class _Builder:
    """Puts elements together from the inside out, with the open ones on a stack."""

    def __init__(self, separator: str | None) -> None:
        self.root: Element | None = None
        self._separator = separator
        self._open: list[_Open] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            detail = f"more than {MAX_ELEMENTS:,} elements"
            raise _StopError(_flaw(SamlFlawKind.TOO_LARGE, detail))
        if len(self._open) == MAX_DEPTH:
            raise _StopError(_flaw(SamlFlawKind.TOO_DEEP, f"more than {MAX_DEPTH} levels"))
        self._open.append(_Open(name, attributes))

    def text(self, data: str) -> None:
        self._open[-1].text.append(data)

    def end(self, _name: str = "") -> None:
        element = self._element(self._open.pop())
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element

    def doctype(self, *_: object) -> None:
        raise _StopError(_flaw(SamlFlawKind.DTD, "a DOCTYPE before the first element"))

    def close(self) -> None:
        """End the elements that are still open."""
        while self._open:
            self.end()

    def _element(self, it: _Open) -> Element:
        namespace, name = self._split(it.name)
        return Element(
            name=name,
            namespace=namespace,
            attributes=_attributes(it.attributes) if it.attributes else _NONE,
            text="".join(it.text),
            children=tuple(it.children),
        )

    def _split(self, name: str) -> tuple[str, str]:
        if self._separator is None:
            return "", name.rpartition(":")[2]
        namespace, _, local = name.rpartition(self._separator)
        return namespace, local


class _Open:
    """An element whose end has not come yet."""

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.text: list[str] = []
        self.children: list[Element] = []


def _parse(octets: bytes, separator: str | None) -> tuple[Element | None, SamlFlaw | None, int]:
    """Return the root of UTF-8 `octets`, the fault that ended it, and expat's code for that."""
    builder = _Builder(separator)
    parser = _parser(builder, separator)
    flaw: SamlFlaw | None = None
    code = 0
    try:
        parser.Parse(octets, True)
    except _StopError as stop:
        flaw = stop.flaw
    except ExpatError as error:
        # Hands over the text that is in its buffer still.
        parser.buffer_text = False
        code = error.code
        detail = f"{errors.messages[code]} at line {error.lineno}, column {error.offset + 1}"
        flaw = _flaw(SamlFlawKind.NOT_XML, detail)
    builder.close()
    return builder.root, flaw, code


def _parser(builder: _Builder, separator: str | None) -> XMLParserType:
    # The encoding given here goes before that of the declaration.
    parser = ParserCreate("utf-8", separator)
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.doctype
    return parser


def _attributes(attributes: dict[str, str]) -> MappingProxyType[str, str]:
    return MappingProxyType({_attribute(name): value for name, value in attributes.items()})


def _attribute(name: str) -> str:
    namespace, separator, local = name.rpartition(_SEPARATOR)
    return f"{{{namespace}}}{local}" if separator else local


def _as_utf8(octets: bytes, flaws: list[SamlFlaw]) -> bytes:
    """Return the XML `octets` in UTF-8, whatever they are in."""
    utf16 = next((each for each in _UTF16 if octets.startswith(each[0])), None)
    if utf16:
        _, encoding, mark = utf16
        flaws.append(_flaw(SamlFlawKind.NOT_UTF8, "UTF-16"))
        return octets[mark:].decode(encoding, "replace").encode("utf-8")
    declared = _DECLARED.match(octets)
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"octet {octets[error.start]:02X} at {error.start}, declared {name}"
        flaws.append(_flaw(SamlFlawKind.NOT_UTF8, detail))
        return octets.decode(_ONE_OCTET.get(name, "utf-8"), "replace").encode("utf-8")
    if name.startswith(("utf-16", "ucs-2", "unicode")):
        # What .NET's StringWriter declares, whatever becomes of the string.
        flaws.append(_flaw(SamlFlawKind.NOT_UTF8, f"declares {name}, and is UTF-8"))
    return octets


def _flaw(kind: SamlFlawKind, detail: str) -> SamlFlaw:
    return SamlFlaw(kind=kind, detail=detail)
