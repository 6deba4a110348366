"""A small network as TorchScript: ``model.pt`` here, and its answer to 1, 2, 3 on standard output."""

from __future__ import annotations

import json

import torch


class Net(torch.nn.Module):
    """A dense layer and a softmax."""

    def __init__(self) -> None:
        super().__init__()
        self.line = torch.nn.Linear(3, 2)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return torch.softmax(self.line(rows), dim=1)


torch.manual_seed(0)
net = torch.jit.script(Net())
net.save("model.pt")
print(json.dumps(net(torch.tensor([[1.0, 2.0, 3.0]])).tolist()[0]))
