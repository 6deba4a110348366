"""The handler in the archive: a row of numbers in, a probability a class out."""

from __future__ import annotations

from typing import Any

import torch
from ts.torch_handler.base_handler import BaseHandler


class Handler(BaseHandler):  # type: ignore[misc]
    """Rows as TorchServe hands them over, under ``data`` or ``body``."""

    def preprocess(self, data: list[dict[str, Any]]) -> torch.Tensor:
        return torch.tensor([row.get("data") or row.get("body") for row in data])

    def postprocess(self, data: torch.Tensor) -> list[Any]:
        return data.tolist()
