"""Valid objects of Kubernetes' own kinds that the rules' examples bend."""

from __future__ import annotations

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: digits
spec:
  selector: {matchLabels: {app: digits}}
  template:
    metadata: {labels: {app: digits}}
    spec:
      containers:
        - name: server
          image: models/server:1.0
"""
STATEFUL_SET = DEPLOYMENT.replace("kind: Deployment", "kind: StatefulSet")
JOB = """
apiVersion: batch/v1
kind: Job
metadata:
  name: digits
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: train
          image: models/trainer:1.0
"""
CRON_JOB = """
apiVersion: batch/v1
kind: CronJob
metadata:
  name: digits
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: train
              image: models/trainer:1.0
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata:
  name: digits
spec:
  selector: {app: digits}
  ports:
    - {name: http, port: 80, targetPort: 8080}
"""


def container(field: str) -> str:
    """The Deployment with one more field in its container."""
    return f"{DEPLOYMENT}          {field}\n"


def pod(field: str) -> str:
    """The Deployment with one more field in its pods' specification."""
    return f"{DEPLOYMENT}      {field}\n"


def with_field(example: str, field: str) -> str:
    """An example with one more field in its specification."""
    return example.replace("spec:\n", f"spec:\n  {field}\n", 1)
