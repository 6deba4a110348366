"""PMML 4.4: a network put into its words (``trace``), written (``write``), and evaluated from the XML alone (``evaluate``)."""
