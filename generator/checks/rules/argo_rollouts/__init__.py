"""What the controller of Argo Rollouts refuses, or never does."""
