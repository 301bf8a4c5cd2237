"""`make baseline`: rewrite the baseline. README.md explains when."""

import asyncio

from moe.generate.files import generated_files
from tests.contract.baseline.facts import FOLDER, as_text, counts_of_tests, digests, help_tree
from tests.contract.baseline.streamed_files import streamed_files


def main() -> None:
    files = generated_files()
    written = {
        "cli_help.txt": help_tree(),
        "openapi.json": files["schemas/openapi.json"],
        "generated.json": as_text(digests(files)),
        "tests.json": as_text(counts_of_tests()),
        "streamed_question.json": as_text(asyncio.run(streamed_files())),
    }
    for name, text in written.items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
