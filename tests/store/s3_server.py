"""An S3 server on loopback for the tests: moto, one request at a time.

moto looks whether a key is there and writes it in two steps, so that two threads could both pass a conditional create;
a lock around the whole application makes each request atomic, as a real server's conditional create is.

Usage: ``s3_server.py BUCKET``. Prints its port and serves until it is killed.
"""

import logging
import sys
import threading

import boto3
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server


def main(bucket: str) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    application, lock = DomainDispatcherApplication(create_backend_app), threading.Lock()

    def one_at_a_time(environ, start_response):
        with lock:
            return [b"".join(application(environ, start_response))]

    server = make_server("127.0.0.1", 0, one_at_a_time, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{server.port}",
        aws_access_key_id="test",
        aws_secret_access_key="testing1",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket=bucket)
    print(server.port, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
