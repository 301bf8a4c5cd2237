"""One bare connection to Valkey."""

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.exceptions import ResponseError

Word = str | bytes | int


class Line:
    """Connects on demand and drops the connection after any error. Not for concurrent use.

    The client's pub/sub and pipeline layers cost 40-200 µs an entry; this class costs 1-20.
    """

    def __init__(self, url: str) -> None:
        # RESP2: a message on a channel is then an ordinary reply. It may arrive at any time, so reads have no timeout;
        # the client's default would drop a silent subscription every five seconds.
        self._pool = ConnectionPool.from_url(url, protocol=2, socket_timeout=None)
        self._connection: AbstractConnection | None = None

    async def open(self) -> None:
        """Connect unless connected. Raises one of STORE_UNAVAILABLE."""
        if self._connection is None:
            connection: AbstractConnection = self._pool.make_connection()  # type: ignore[no-untyped-call]  # untyped there
            await connection.connect()  # type: ignore[no-untyped-call]  # untyped there
            self._connection = connection

    async def send(self, commands: list[tuple[Word, ...]]) -> None:
        """Write all commands at once; reads no reply. Raises one of STORE_UNAVAILABLE."""
        connection = self._connected()
        await connection.send_packed_command(connection.pack_commands(commands))

    async def reply(self) -> object:
        """Wait for the next reply, without a timeout. Raises one of STORE_UNAVAILABLE, also for an error reply."""
        return await self._connected().read_response()

    async def call(self, commands: list[tuple[Word, ...]]) -> list[object]:
        """The replies in the order of `commands`. Raises one of STORE_UNAVAILABLE."""
        await self.send(commands)
        return [await self.reply() for _ in commands]

    async def call_on_streams(self, commands: list[tuple[Word, ...]]) -> list[object]:
        """As `call`, with None for a closed stream: its key holds a value of another type."""
        await self.send(commands)
        return [await self._reply_of_stream() for _ in commands]

    async def _reply_of_stream(self) -> object:
        try:
            return await self.reply()
        except ResponseError as error:
            if str(error).startswith("WRONGTYPE"):
                return None
            raise

    async def close(self) -> None:
        """Drop the connection; the next `open` connects again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)

    def _connected(self) -> AbstractConnection:
        if self._connection is None:
            raise ConnectionResetError("not connected")
        return self._connection
