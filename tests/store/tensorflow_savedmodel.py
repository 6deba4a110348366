"""Save a model with TensorFlow, and print what TensorFlow's own reader says of it. Usage: FOLDER."""

import json
import sys
from pathlib import Path

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2


class Model(tf.Module):
    def __init__(self):
        super().__init__()
        self.weights = tf.Variable(tf.ones([3, 2]))

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="x")])
    def score(self, x):
        return {"score": tf.matmul(x, self.weights), "best": tf.argmax(tf.matmul(x, self.weights), 1)}

    @tf.function(
        input_signature=[tf.TensorSpec([], tf.string, name="text"), tf.TensorSpec([2, None], tf.bfloat16, name="half")]
    )
    def odd(self, text, half):
        return {"length": tf.strings.length(text), "half": half + half}

    @tf.function(input_signature=[tf.TensorSpec(None, tf.int32, name="anything")])
    def rankless(self, anything):
        return {"out": anything + 1}


def tensors(side):
    return [
        [
            name,
            tf.as_dtype(info.dtype).name if info.dtype else None,  # the init operation has none
            [size if size >= 0 else None for size in (dim.size for dim in info.tensor_shape.dim)],
        ]
        for name, info in sorted(side.items())
    ]


def main(folder):
    model = Model()
    signatures = {"serving_default": model.score, "odd": model.odd, "rankless": model.rankless}
    tf.saved_model.save(model, folder, signatures=signatures)
    graph = saved_model_pb2.SavedModel.FromString(Path(folder, "saved_model.pb").read_bytes()).meta_graphs[0]
    ops = {node.op for node in graph.graph_def.node}
    ops |= {node.op for function in graph.graph_def.library.function for node in function.node_def}
    said = {
        "version": graph.meta_info_def.tensorflow_version,
        "tags": list(graph.meta_info_def.tags),
        "signatures": {name: [tensors(s.inputs), tensors(s.outputs)] for name, s in graph.signature_def.items()},
        "ops": sorted(ops),
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1])
