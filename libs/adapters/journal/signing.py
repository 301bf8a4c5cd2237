"""Signs checkpoints with Ed25519 under a key that the other services need not know."""

from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from libs.core.chain import Checkpoint
from libs.core.errors import ConfigurationError

_INFO = b"moe journal checkpoints"


class CheckpointSigner:
    """Signs checkpoints. `secret` is MOE_AUDIT_KEY, at least 16 bytes; the key pair is a function of it."""

    def __init__(self, secret: str) -> None:
        if len(secret.encode()) < 16:
            raise ConfigurationError("MOE_AUDIT_KEY: set it to at least 16 bytes; checkpoints are signed with it")
        seed = HKDF(SHA256(), 32, salt=None, info=_INFO).derive(secret.encode())
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def signed(self, checkpoint: Checkpoint) -> tuple[Checkpoint, bytes]:
        """The checkpoint with this public key, and its signature."""
        ours = replace(checkpoint, key=self.public_key)
        return ours, self._key.sign(ours.canonical())
