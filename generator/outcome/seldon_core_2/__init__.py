"""What Seldon Core 2's operator makes of its objects; by the sources, since it can't be run here.

Facts alone are taken from releases under the Business Source License: names, labels, ports, how specs are merged.
"""
