"""The rules, one small module per subject; the registry finds them here, nothing lists them."""
