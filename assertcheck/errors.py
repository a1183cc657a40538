"""What goes wrong with an invocation; what is wrong with a token is a finding, never one of these."""


class AssertcheckError(Exception):
    """A command cannot run: `message` names what is in the way, `hint` what to do instead.

    Neither may hold an assertion, a signature, private key material or a password.
    """

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(AssertcheckError):
    """The assertion cannot be read: no such file, not a file, too large, or nothing there."""


class CertificateError(AssertcheckError):
    """A file given as a certificate or key cannot serve as one."""


class UnknownRuleError(AssertcheckError):
    """`explain` was asked for something that is neither a rule nor a topic."""
