"""Run a program that ends when whoever started this ends, however that happens: then the pipe at our input is closed.

Usage: ``leash.py PROGRAM ARGUMENT…``.
"""

import subprocess
import sys
import threading


def main(command: list[str]) -> int:
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:

        def hold() -> None:
            sys.stdin.buffer.read()
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()

        threading.Thread(target=hold, daemon=True).start()
        return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
