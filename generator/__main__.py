"""``python -m generator`` does what ``serinus`` does."""

from generator.cli.main import run

run()
