"""A release's second door: each layout as an image in a registry, which kubelets and KServe read without a bucket.

What is pushed is a pure function of the layout's files and of the image that it is built on, so the same release has
the same digests wherever and whenever it is pushed. ``generator.store.oci.images`` is the face.
"""
