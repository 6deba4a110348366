"""What Kubeflow Trainer refuses of TrainJobs and runtimes, and what it takes and then does otherwise."""
