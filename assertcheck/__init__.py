"""Says why Microsoft Entra ID refuses a signed client assertion, and how to fix it."""

__version__ = "0.1.0"
