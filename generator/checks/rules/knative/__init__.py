"""What Knative Serving's webhook refuses."""
