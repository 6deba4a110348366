"""Training: from data to an exported, measured model on the local disk.

The way of one run (``trainer.run.train``), each step a module:

    data       the named data sets and the user's own files: training data, held-out data, fingerprint, licence
    key        the training key: what must be equal for another training to be in vain
    fit        the network, trained with fixed seeds
    evaluate   loss, accuracy, per-class precision and recall, confusion matrix on the held-out data
    export     the table of formats; ``savedmodel`` writes and reads one of them
    golden     a small real request and the answer of the exported files
    staging    the folder that is swapped in whole at the end

``tasks`` is the table of what can be trained. A new task, data set or format is one entry in its table.

Nothing here imports TensorFlow, scikit-learn or NumPy before it is needed: an unchanged training key costs no
TensorFlow. Only ``trainer.backend`` imports it; it also keeps TensorFlow's own log lines from the user.
"""
