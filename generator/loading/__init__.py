"""How a service file comes together: the repository's defaults, environments, ``--set``, and its JSON Schema."""
