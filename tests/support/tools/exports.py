"""Exports to verify and to tamper with: made with the product's chain, checked by a program that does not know it."""

import base64
import json
from dataclasses import dataclass, field
from random import Random

from libs.adapters.journal.signing import CheckpointSigner
from libs.core.chain import GENESIS, SALT_BYTES, ChainHeader, Checkpoint, commitment, link

EVERY = 10  # rows between checkpoints
SIGNER = CheckpointSigner("the audit key of these tests")
OTHER_SIGNER = CheckpointSigner("the audit key of an intruder")
Line = dict[str, object]


@dataclass
class Row:
    """One row before it is a line. `content` is ciphertext."""

    header: ChainHeader
    salt: bytes
    content: bytes


@dataclass
class Forge:
    """Makes rows and lines as the journal does. `chance` is seeded, so every export is the same each time."""

    tenant: str = "acme"
    chance: Random = field(default_factory=lambda: Random(4))

    def rows(self, count: int) -> list[Row]:
        """Rows of requests that are opened and ended in turn, with other records between."""
        return [self._row(number) for number in range(1, count + 1)]

    def _row(self, number: int) -> Row:
        topic, schema = {
            1: ("moe.pipeline.progress.v1", "request-opened.v1"),
            0: ("moe.pipeline.answer-finished.v1", "answer-finished.v1"),
        }.get(number % 4, ("moe.requests", "request-logged.v1"))
        response = f"response-{(number - 1) // 4}"
        header = ChainHeader(
            self.tenant, number, "", topic, 0, number, 1_000 * number, 1_000_000 * number + 5,
            f"event-{response}-{schema}", response, schema, None,
        )  # fmt: skip
        return Row(header, self.chance.randbytes(SALT_BYTES), self.chance.randbytes(60))


def lines_of(
    rows: list[Row], signer: CheckpointSigner = SIGNER, unsigned_from: int | None = None, every: int = EVERY
) -> list[Line]:
    """Export: each row linked to the one before, a checkpoint after every few, and the end."""
    tenant = rows[0].header.tenant
    lines: list[Line] = [{"kind": "export", "format": 2, "tenant": tenant, "first": 1, "previous": GENESIS.hex()}]
    head = GENESIS
    for row in rows:
        committed = commitment(row.salt, row.content)
        head = link(head, row.header.canonical(), committed)
        lines.append(
            {
                "kind": "row",
                "header": json.loads(row.header.canonical()),
                "commitment": committed.hex(),
                "salt": row.salt.hex(),
                "content": base64.b64encode(row.content).decode(),
                "hash": head.hex(),
            }
        )
        number = row.header.sequence
        if number % every == 0 and (unsigned_from is None or number < unsigned_from):
            lines.append(checkpoint_line(tenant, number, head, signer))
    signed = sum(line["kind"] == "checkpoint" for line in lines)
    return [*lines, {"kind": "end", "sequence": rows[-1].header.sequence, "hash": head.hex(), "checkpoints": signed}]


def checkpoint_line(tenant: str, sequence: int, head: bytes, signer: CheckpointSigner) -> Line:
    checkpoint, signature = signer.signed(Checkpoint(tenant, sequence, head.hex(), 1_000 * sequence, ""))
    return {"kind": "checkpoint", "fields": json.loads(checkpoint.canonical()), "signature": signature.hex()}


def place_of(lines: list[Line], sequence: int) -> int:
    for number, line in enumerate(lines):
        header = line.get("header")
        if isinstance(header, list) and header[2] == sequence:
            return number
    raise AssertionError(f"no row {sequence}")


def text_of(lines: list[Line]) -> list[str]:
    return [json.dumps(line) for line in lines]
