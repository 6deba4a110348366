"""Publishing releases into a store, and reading them: a folder or a bucket.

A release lies in ``<store>/<service>/<version>/``: its files in a folder named by their own digest, and
``release.json``, written last by a conditional create. Where that file is, the release is whole and stays as it is for
ever; where it isn't, there is no release, whatever else lies there.
"""
