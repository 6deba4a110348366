"""The structural truth: what an API server that has only the CRDs says of an object; ``verdict`` is the face."""
