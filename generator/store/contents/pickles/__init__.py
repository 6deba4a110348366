"""Pickles, read without unpickling them: whether one is whole, and which scikit-learn wrote it.

Unpickling runs whatever a pickle names. Here its instructions are walked from the first to STOP; names stay names, and
nothing is imported or called. What joblib writes is a pickle with the raw bytes of arrays between the instructions, so
the few values that say how long these are (shape and dtype) are kept; and the version, which every estimator holds.

Sources: Lib/pickletools.py; joblib/joblib, joblib/numpy_pickle.py (``NumpyArrayWrapper.write_array``) and
numpy_pickle_utils.py (``_detect_compressor``); scikit-learn, sklearn/base.py (``__getstate__``).
"""
