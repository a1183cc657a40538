"""Tries every candidate key, then says what a failed signature or thumbprint really is."""
