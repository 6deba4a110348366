"""Our own files (service, lock) into dataclasses, each mistake at its place."""
