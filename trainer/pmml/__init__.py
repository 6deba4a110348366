"""PMML 4.4: a network told in its words (``trace``), written (``write``), read again and evaluated (``evaluate``)."""
