"""What Seldon Core 1's operator makes of a SeldonDeployment.

seldonio/seldon-core, operator v1.16.0 (Apache-2.0), controllers and apis/machinelearning.seldon.io/v1; the operator is
the same up to 1.18.2 but for the images that it starts, which are told as those of 1.16.0.
"""
