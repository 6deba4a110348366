"""The engine: documents judged stage by stage, in the cluster's own order, for each release that is asked for."""
