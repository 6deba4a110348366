"""CEL, the language of ``x-kubernetes-validations``, with what Kubernetes adds to it.

An interpreter of our own, since the verdict has to be the API server's to the letter: the Rust binding on PyPI counts a
string's bytes for its characters, does not absorb errors in ``exists`` and ``all``, and lacks Kubernetes' functions;
Google's own is 16 MB. Source of the language: https://github.com/google/cel-spec/blob/master/doc/langdef.md; of
Kubernetes' part: https://kubernetes.io/docs/reference/using-api/cel/.
"""

from __future__ import annotations

from generator.checks.cel.compiler import Program, compile_rule
from generator.checks.cel.cost import Budget, CostError
from generator.checks.cel.values import CelError, UnsupportedError

__all__ = ["Budget", "CelError", "CostError", "Program", "UnsupportedError", "compile_rule", "fault"]


def fault(text: str) -> str | None:
    """What is wrong with an expression; None for one that compiles, and for one that isn't implemented here."""
    try:
        Program(text)
    except CelError as error:
        return str(error)
    except UnsupportedError:
        return None
    return None
