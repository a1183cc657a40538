"""Everything that can hold a public key, as candidates."""
