"""Training: from data to an exported, measured model on the local disk.

The way of one run (``trainer.run.train``), each step a module or a room:

    data       the named data sets and the user's own files: training data, held-out data, fingerprint, licence
    key        the training key: what must be equal for another training to be in vain
    tasks      what can be trained: the network, what it takes, what it gives
    fitting    the network, trained with fixed seeds, from wherever an earlier run was ended
    measures   metrics on the held-out data, and the baseline's
    formats    what is exported, each read back by a program of its own
    pmml       a network in PMML's words, and PMML evaluated
    parity     exported files answer what the trained model answers
    golden     a small real request and the answer of the exported files
    staging    the folder that is swapped in whole at the end

A new task, data set, kind of metrics or format is one new module in its room.

Nothing here imports TensorFlow, scikit-learn or NumPy before it is needed: an unchanged training key costs no
TensorFlow. Only ``trainer.backend`` imports it; it also keeps TensorFlow's own log lines from the user.
"""
