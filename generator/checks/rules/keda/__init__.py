"""What KEDA refuses, or never does."""
