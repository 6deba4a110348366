"""Several workers of an existing engine fit one network together.

    member      what the engine's environment says: who the workers are, and which of them this process is
    rendezvous  how they meet
    workers     the team that they are: batches shared out, gradients averaged, the chief's state given to all

``tf.distribute.MultiWorkerMirroredStrategy`` doesn't carry Keras 3, whose ``fit`` ends in a TypeError on PerReplica
values (TensorFlow 2.20, Keras 3.15). So the strategy only forms the cluster, with its heartbeats, and the training loop
of ``trainer.fitting`` averages gradients itself over the collective operations of TensorFlow that the strategy stands
on.
"""
