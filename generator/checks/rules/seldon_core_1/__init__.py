"""Rules on Seldon Core 1: SeldonDeployments."""
