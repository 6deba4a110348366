"""What KServe's controllers make of its kinds, release by release.

Read from kserve/kserve at v0.15.2, v0.16.0, v0.17.0, v0.19.0 and v0.20.0, pkg/controller/v1beta1/inferenceservice; the
other releases lie between those.
"""
