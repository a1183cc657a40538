"""SAML sign-in requests: whether one is signed, where, over what, and by which key."""
