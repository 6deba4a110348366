"""Measuring a model on held-out data: plain numbers in nested dictionaries, as they go into ``release.json``.

A module a kind of metrics. The names, which a gate uses as well, stand in ``generator.model.measures``.
"""
