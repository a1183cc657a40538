"""What may have happened to a request between signing and sending, undone on the nodes of `lxml`."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from lxml import etree

from assertcheck.saml.algorithms import algorithm
from assertcheck.saml.model import SamlMistake
from assertcheck.saml.xml_canonical import detach, ds
from assertcheck.words import quoted

_MOST_CHANGES = 400
"""Single changes that are tried on a request, each with one canonicalisation."""
_RSA = tuple(
    f"http://www.w3.org/{each}"
    for each in (
        "2000/09/xmldsig#rsa-sha1",
        "2001/04/xmldsig-more#rsa-sha256",
        "2001/04/xmldsig-more#rsa-sha384",
        "2001/04/xmldsig-more#rsa-sha512",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A way to bring a request back to what was signed."""

    mistake: SamlMistake
    words: str
    """What happened after signing."""
    apply: Callable[[etree._Element, etree._Element], None]
    """Undo it, given the root and the signature."""
    rewrite: Callable[[etree._Element], etree._Element] | None = None
    """Return the root put together anew, before `apply`."""


def _texts(root: etree._Element, change: Callable[[str], str]) -> None:
    for node in root.iter():
        # The text of a processing instruction is not text of the request.
        if isinstance(node.tag, str) and node.text:
            node.text = change(node.text)
        if node.tail and node is not root:
            node.tail = change(node.tail)


def _attributes(root: etree._Element, change: Callable[[str], str]) -> None:
    for node in root.iter("*"):
        for name, value in node.attrib.items():
            node.set(name, change(value))


def _without_blanks(root: etree._Element, _: etree._Element) -> None:
    _texts(root, lambda text: text if text.strip() else "")


def _stripped(root: etree._Element, _: etree._Element) -> None:
    _texts(root, str.strip)


def _joined(root: etree._Element, _: etree._Element) -> None:
    _texts(root, lambda text: text.replace("\n", ""))


def _bare_signature(_: etree._Element, signature: etree._Element) -> None:
    _bare_before(_, signature)
    _bare_after(_, signature)


def _bare_before(_: etree._Element, signature: etree._Element) -> None:
    before, parent = signature.getprevious(), signature.getparent()
    if before is not None:
        before.tail = (before.tail or "").rstrip()
    elif parent is not None:
        parent.text = (parent.text or "").rstrip()


def _bare_after(_: etree._Element, signature: etree._Element) -> None:
    signature.tail = (signature.tail or "").lstrip()


def _indented(space: str, *, with_signature: bool) -> Callable[..., None]:
    def apply(root: etree._Element, signature: etree._Element) -> None:
        parent, before = signature.getparent(), signature.getprevious()
        if with_signature or parent is None:
            etree.indent(root, space=space)
            return
        detach(signature)
        etree.indent(root, space=space)
        # Back where it was, and without a line of its own.
        if before is None:
            signature.tail, parent.text = parent.text, None
            parent.insert(0, signature)
        else:
            before.addnext(signature)

    return apply


def _gapped(gap: str) -> Callable[..., None]:
    """Put `gap` between all elements around the signature, as a template with one indentation."""

    def apply(root: etree._Element, signature: etree._Element) -> None:
        inside = set(signature.iter("*")) - {signature}
        for node in root.iter("*"):
            if len(node) and node not in inside and node is not signature:
                node.text = gap
            if node is not root and node not in inside:
                node.tail = gap
        # It stands behind what is in front of it, without a line of its own.
        before, parent = signature.getprevious(), signature.getparent()
        if before is not None:
            before.tail = None
        elif parent is not None:
            parent.text = None

    return apply


def _in_lines(_: etree._Element, signature: etree._Element) -> None:
    """Put a line break around each element in `signature`, as libxmlsec1 and Santuario write it."""
    for node in signature.iter("*"):
        children = list(node.iterchildren("*"))
        for child in children:
            child.tail = "\n"
        if children:
            node.text = "\n"


def _both(*applies: Callable[..., None]) -> Callable[..., None]:
    def apply(root: etree._Element, signature: etree._Element) -> None:
        for each in applies:
            each(root, signature)

    return apply


def _with_line_ends(change: Callable[[str], str]) -> Callable[..., None]:
    return lambda root, _: _texts(root, change)


def _mojibake(root: etree._Element, _: etree._Element) -> None:
    for encoding in ("cp1252", "latin-1"):

        def change(text: str, encoding: str = encoding) -> str:
            with suppress(UnicodeError):
                return text.encode(encoding).decode("utf-8")
            return text

        _texts(root, change)
        _attributes(root, change)


_SPACES = (("  ", "two spaces"), ("    ", "four spaces"), ("\t", "tabs"))
"""What XML is indented by."""
_GAPS = ("\n", "\n  ", "\n    ", "\n\t")
"""What a template has between elements, be they deep or not."""


def _edits() -> Iterator[Edit]:
    line_ends: tuple[tuple[Callable[[str], str], str], ...] = (
        (
            lambda text: text.replace("\r", ""),
            "CR LF, written as &#13;, stands where LF was signed",
        ),
        (lambda text: text.replace("\r", "\n"), "CR stands where LF was signed"),
        (
            lambda text: text.replace("\r", "").replace("\n", "\r\n"),
            "it was signed with CR LF at the ends of lines, which an XML parser reads as LF",
        ),
    )
    for change, words in line_ends:
        yield Edit(mistake=SamlMistake.LINE_ENDS, words=words, apply=_with_line_ends(change))
    blanks = (
        (_bare_after, "white space behind the signature was added after signing"),
        (_bare_before, "white space in front of the signature was added after signing"),
        (_bare_signature, "white space around the signature was added after signing"),
        (_without_blanks, "white space between elements was added after signing"),
        (_stripped, "white space between elements and around texts was added after signing"),
        (_joined, "line ends were added after signing"),
    )
    for apply, words in blanks:
        yield Edit(mistake=SamlMistake.PRETTY_PRINTED, words=words, apply=apply)
    for space, name in _SPACES:
        for with_signature in (True, False):
            yield Edit(
                mistake=SamlMistake.PRETTY_PRINTED,
                words=f"it was signed indented by {name}, and the white space changed after signing",
                apply=_indented(space, with_signature=with_signature),
            )
    in_lines: tuple[tuple[Callable[..., None], str], ...] = (
        (_in_lines, "the line breaks within the signature were changed after signing"),
        (
            _both(_without_blanks, _in_lines),
            "white space between elements was added after signing, and changed in the signature",
        ),
        (
            _both(_stripped, _in_lines),
            "white space between elements and around texts was added after signing, and changed in "
            "the signature",
        ),
        *(
            (
                _both(_indented(space, with_signature=False), _in_lines),
                f"it was signed indented by {name}, and the white space changed after signing, in "
                "the signature too",
            )
            for space, name in _SPACES
        ),
        *(
            (
                each,
                "it was signed with other white space between elements, which changed after signing",
            )
            for gap in _GAPS
            for each in (_gapped(gap), _both(_gapped(gap), _in_lines))
        ),
    )
    for apply, words in in_lines:
        yield Edit(mistake=SamlMistake.PRETTY_PRINTED, words=words, apply=apply)
    yield Edit(
        mistake=SamlMistake.CONTENT_CHANGED,
        words="its UTF-8 was read as Latin-1 after signing, and written as UTF-8 again",
        apply=_mojibake,
    )


EDITS = tuple(_edits())
"""The likelier first; the more of a document one touches, the later it stands."""


def signed_info_edits(signature: etree._Element, identifier: str, digest: str) -> Iterator[Edit]:
    """Yield what may have been changed in `SignedInfo` of `signature` alone.

    `identifier` is the root's ID, `digest` the right value of `DigestValue` in base64.
    """
    path = f"{ds('SignedInfo')}/{ds('SignatureMethod')}"
    for node in signature.iterfind(path):
        own = node.get("Algorithm", "")
        for uri in _RSA:
            if uri != own:
                yield _set(path, "Algorithm", own, uri)
    path = f"{ds('SignedInfo')}/{ds('Reference')}"
    for node in signature.iterfind(path):
        own = node.get("URI", "")
        for uri in (f"#{identifier}", ""):
            if uri != own:
                yield _set(path, "URI", own, uri)

    def apply(_: etree._Element, signature: etree._Element) -> None:
        for node in signature.iterfind(f"{path}/{ds('DigestValue')}"):
            node.text = digest

    words = "DigestValue was changed after signing"
    yield Edit(mistake=SamlMistake.SIGNED_INFO_CHANGED, words=words, apply=apply)


def _set(path: str, name: str, own: str, value: str) -> Edit:
    def apply(_: etree._Element, signature: etree._Element) -> None:
        for node in signature.iterfind(path):
            node.set(name, value)

    element = path.rpartition("}")[2]
    what = element if name == "Algorithm" else f"the {name} of {element}"
    return Edit(
        mistake=SamlMistake.SIGNED_INFO_CHANGED,
        words=f"{what} was changed from {_called(value)} to {_called(own)} after signing",
        apply=apply,
    )


def _called(uri: str) -> str:
    named = algorithm(uri)
    return named.name if named else quoted(uri)


def changes(root: etree._Element) -> Iterator[tuple[SamlMistake, str]]:
    """Undo one change after the other on `root`, and yield what it was, and that in words.

    `root` is as it may have been signed while the words are out, and as it was when all are.
    """
    return itertools.islice(_changes(root), _MOST_CHANGES)


def _changes(root: etree._Element) -> Iterator[tuple[SamlMistake, str]]:
    for node in list(root.iter("*")):
        for words in itertools.chain(_changed_attributes(root, node), _changed_text(node)):
            yield SamlMistake.CONTENT_CHANGED, words
        is_signature = node.tag == ds("Signature")
        for words in _added(node):
            yield SamlMistake.TWO_SIGNATURES if is_signature else SamlMistake.CONTENT_CHANGED, words


def _changed_attributes(root: etree._Element, node: etree._Element) -> Iterator[str]:
    name_of_node = etree.QName(node).localname
    for name, value in list(node.attrib.items()):
        # What the reference points to is what was signed, or there is nothing to compare.
        if node is root and name == "ID":
            continue
        for other in _other_values(value):
            node.set(name, other)
            yield f"{name} of {name_of_node} was {quoted(other)} when it was signed"
        del node.attrib[name]
        yield f"{etree.QName(name).localname} was added to {name_of_node} after signing"
        node.set(name, value)


def _changed_text(node: etree._Element) -> Iterator[str]:
    text = node.text
    if text and text.strip():
        for other in _other_values(text):
            node.text = other
            words = f"{quoted(other)} when it was signed"
            yield f"the text of {etree.QName(node).localname} was {words}"
        node.text = text


def _added(node: etree._Element) -> Iterator[str]:
    parent = node.getparent()
    if parent is None:
        return
    index, tail, before = parent.index(node), node.tail, node.getprevious()
    front = parent.text if before is None else before.tail
    detach(node)
    yield f"{etree.QName(node).localname} was added after signing"
    if before is None:
        parent.text = front
    else:
        before.tail = front
    parent.insert(index, node)
    node.tail = tail


_FLAGS = {"true": "1", "1": "true", "false": "0", "0": "false"}
_FRACTION = re.compile(r"\.\d+(?=Z|$)")


def _other_values(value: str) -> Iterator[str]:
    """Yield what `value` may have been, each once: by another way to write the same."""
    bare = value.strip()
    others = (
        bare,
        html.unescape(bare),
        html.escape(bare),
        f"{bare}/",
        bare.removesuffix("/"),
        re.sub(r"^http:", "https:", bare),
        re.sub(r"^https:", "http:", bare),
        re.sub(r":443(?=/|$)", "", bare),
        _FRACTION.sub("", bare),
        bare.lower(),
        bare.removesuffix("Z"),
        f"{bare}Z",
        _FLAGS.get(bare, bare),
    )
    yield from (other for other in dict.fromkeys(others) if other != value)
