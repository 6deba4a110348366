"""Fitting a network to data: each step the same for the same settings, on one machine and on several workers.

    feed         the training data as tensors, and their order in each epoch
    adam         the optimizer, in TensorFlow's fused kernels
    steps        many training steps a call, without Python between them
    state        all that changes while a network is fitted, by name
    history      the losses of each epoch, and when there is no point in another
    checkpoints  the state on disk, so that a killed training goes on where it was
    boards       the losses for TensorBoard
    fit          all of it together

Keras' own ``fit`` isn't used: it asks Python at each step or call (measured on the reference network with batches of
32: three times the processor time of the loop here), and the order of its data and the state of its generators can't
be set to where an earlier process was.
"""
