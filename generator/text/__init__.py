"""Values as YAML, JSON and TOML text; quantities, names, and files written whole. Knows nothing of the rest."""
