"""The cluster side: what needs a kubeconfig."""
