"""Where a command ends and which words it has, in sh, cmd.exe and PowerShell."""

from __future__ import annotations

import re
import shlex
from enum import StrEnum

_LONGEST = 256 * 1024
"""Characters of a command: shlex takes seconds for a MiB."""
_SH = re.compile(
    r"(?:\$'(?:[^'\\]|\\[\s\S])*+'|[^'\"\\\n|;$]++|\$|\\[\s\S]|'[^']*+'"
    r"|\"(?:[^\"\\]++|\\[\s\S])*+\")*+"
)
_CMD = re.compile(r"(?:[^\"^\n|]++|\^\r?\n|\^[\s\S]|\"(?:[^\"\\^]++|\\[\s\S]|\^[\s\S])*+\")*+")
_POWERSHELL = re.compile(
    r"(?:[^'\"`\n|;]++|`\r?\n|`[\s\S]|'[^']*+'|\"(?:[^\"`\\]++|[`\\][\s\S])*+\")*+"
)
_CARET_STYLE = re.compile(r"\^[ \t]*\r?$|\^\"", re.MULTILINE)
_BACKTICK_STYLE = re.compile(r"[ \t]`[ \t]*\r?$", re.MULTILINE)
_SH_GOES_ON = re.compile(r"\\\r?\n")
_CARET = re.compile(r"\^(?:\r?\n|([\s\S]))")
_BACKTICK_GOES_ON = re.compile(r"`\r?\n")
_LINE_BREAK = re.compile(r"\r?\n[ \t]*")
_ANSI_C = re.compile(r"\$'((?:[^'\\]|\\[\s\S])*+)'")
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|([0-7]{1,3})|([\s\S]))")
_LETTERS = str.maketrans("nrtbfvae", "\n\r\t\b\f\v\a\x1b")


class Shell(StrEnum):
    """Whose quoting a command is written in."""

    SH = "sh"
    CMD = "cmd"
    POWERSHELL = "powershell"


_QUOTING = {Shell.SH: ("'\"", "\\"), Shell.CMD: ('"', "\\"), Shell.POWERSHELL: ("'\"", "`\\")}
"""What quotes, and what escapes."""
_COMMANDS = {Shell.SH: _SH, Shell.CMD: _CMD, Shell.POWERSHELL: _POWERSHELL}


def shell_of(text: str) -> Shell:
    """Return the shell that the line ends and escapes of the command `text` tell."""
    if _CARET_STYLE.search(text):
        return Shell.CMD
    return Shell.POWERSHELL if _BACKTICK_STYLE.search(text) else Shell.SH


def command_at(text: str, start: int, shell: Shell) -> str:
    """Return the command that begins at `start` of `text`, to where `shell` would end it."""
    match = _COMMANDS[shell].match(text, start, start + _LONGEST)
    command = match[0] if match else ""
    # Markdown's code marks around the command.
    return command.rstrip(" `") if text[start - 1 : start] == "`" else command


def words_of(command: str, shell: Shell) -> list[str]:
    """Return the words `shell` makes of `command`; none if its quotation marks do not pair.

    A line break between quotation marks is taken for one of the terminal it was copied from.
    """
    if shell is Shell.CMD:
        command = _CARET.sub(r"\1", command)
    elif shell is Shell.POWERSHELL:
        command = _BACKTICK_GOES_ON.sub(" ", command)
    else:
        command = _SH_GOES_ON.sub("", command)
    command = _LINE_BREAK.sub("", command)
    if shell is Shell.SH:
        command = _ANSI_C.sub(lambda match: shlex.quote(unescaped(match[1])), command)
    quotes, escape = _QUOTING[shell]
    lexer = shlex.shlex(command, posix=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    lexer.quotes, lexer.escape, lexer.escapedquotes = quotes, escape, '"'
    try:
        return list(lexer)
    except ValueError:
        return []


def unescaped(text: str) -> str:
    """Return `text` without the backslash escapes that C, bash's `$'…'` and Python share."""

    def char(match: re.Match[str]) -> str:
        if match[4]:
            return match[4].translate(_LETTERS)
        if match[3]:
            return chr(int(match[3], 8))
        return chr(int(match[1] or match[2], 16))

    return _ESCAPE.sub(char, text)
