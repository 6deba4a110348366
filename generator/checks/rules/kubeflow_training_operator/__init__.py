"""What the Kubeflow Training Operator refuses of its jobs, and what it takes and then does otherwise."""
