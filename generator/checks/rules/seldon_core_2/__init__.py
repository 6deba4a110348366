"""Rules on Seldon Core 2: Models, Experiments, Pipelines and Servers."""
