"""An ONNX model on MLServer, through ONNX Runtime. This file lies beside the model that it runs; Serinus put it there.

MLServer has no ONNX runtime of its own (up to 1.7). Needed are ``mlserver`` and ``onnxruntime``, which the image
``seldonio/mlserver`` with all runtimes has.
"""

from __future__ import annotations

import numpy as np
import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.errors import InferenceError
from mlserver.types import InferenceRequest, InferenceResponse, RequestInput, ResponseOutput
from mlserver.utils import get_model_uri

TEXT = "BYTES"


class OnnxModel(MLModel):
    """The V2 protocol on one side, an ONNX Runtime session on the other."""

    async def load(self) -> bool:
        """Load the model that the settings name."""
        path = await get_model_uri(self._settings, wellknown_filenames=["model.onnx"])
        self._session = onnxruntime.InferenceSession(path, providers=onnxruntime.get_available_providers())
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Answer with the outputs that the request names, or with all.

        Raises:
            InferenceError: The model doesn't take this request, which is the client's to mend.
        """
        known = [output.name for output in self._session.get_outputs()]
        wanted = [output.name for output in payload.outputs or []] or known
        if unknown := sorted({*wanted} - {*known}):
            raise InferenceError(f"the model has no output {', '.join(unknown)}; it has {', '.join(known)}")
        try:
            given = {tensor.name: self._array(tensor) for tensor in payload.inputs}
            found = self._session.run(wanted, given)
        except (ValueError, onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument) as error:
            raise InferenceError(f"the model doesn't take this request: {error}") from error
        outputs = [_output(name, array) for name, array in zip(wanted, found, strict=True)]
        return InferenceResponse(model_name=self.name, model_version=self.version, outputs=outputs)

    def _array(self, tensor: RequestInput) -> np.ndarray:
        """An input as the session wants it; texts as objects of the type ``str``."""
        if tensor.datatype != TEXT:
            return self.decode(tensor, default_codec=NumpyCodec)
        texts = [text.decode() if isinstance(text, bytes) else text for text in tensor.data]
        return np.array(texts, dtype=object).reshape(tensor.shape)


def _output(name: str, array: np.ndarray) -> ResponseOutput:
    """An output with the model's own shape: the codec makes a list of N a table of N by 1."""
    if array.dtype != object:
        encoded = NumpyCodec.encode_output(name, array)
        encoded.shape = list(array.shape)
        return encoded
    texts = [str(text).encode() for text in array.ravel()]  # bytes: gRPC takes nothing else, REST decodes them
    return ResponseOutput(name=name, datatype=TEXT, shape=list(array.shape), data=texts)
