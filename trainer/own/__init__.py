"""Training code of your own: ``from trainer.own import Made, Request``.

``face`` is what is imported; ``code`` finds a function, calls it and tells its errors; ``model`` makes of a Keras model
what a run trains, and ``given`` of a function's data what it trains on.
"""

from trainer.data.dataset import Dataset, Examples
from trainer.own.face import DataRequest, Made, Request
from trainer.settings import Settings

__all__ = ["DataRequest", "Dataset", "Examples", "Made", "Request", "Settings"]
