"""From the paths that a command names to the documents that a cluster will see, and to what was passed over."""
