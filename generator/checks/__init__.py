"""The checks: findings, rules, the engine that applies them in a cluster's order, and outputs."""
