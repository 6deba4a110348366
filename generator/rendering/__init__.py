"""From a plan's sheets through the templates to manifests and folders."""
