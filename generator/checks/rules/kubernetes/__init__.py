"""What the API server refuses in kinds of its own, by code of its own (``pkg/apis/*/validation`` of Kubernetes)."""
