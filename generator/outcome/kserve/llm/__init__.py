"""What KServe's controller makes of an LLMInferenceService, release by release.

Read from kserve/kserve, pkg/controller/v1alpha1/llmisvc at v0.16.0 and pkg/controller/v1alpha2/llmisvc at v0.17.0,
v0.18.0, v0.19.0, v0.20.0 and, for 0.21, aaac4e294.
"""
