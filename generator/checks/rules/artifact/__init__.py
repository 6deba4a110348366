"""What a model needs against what the manifest gives it."""
