"""One bare connection to Valkey. The client's pub/sub and pipeline layers cost 40-200 µs an entry; this costs 1-20."""

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.exceptions import ResponseError

Word = str | bytes | int


class Line:
    """A connection that is opened when it is needed and thrown away after any error. Not for concurrent use."""

    def __init__(self, url: str) -> None:
        # RESP2: a message on a channel is then an ordinary reply. It may come at any time, so reading has no timeout;
        # the client's default would drop a subscription that nobody speaks on every five seconds.
        self._pool = ConnectionPool.from_url(url, protocol=2, socket_timeout=None)
        self._connection: AbstractConnection | None = None

    async def open(self) -> None:
        """Connect unless connected. Raises one of STORE_UNAVAILABLE."""
        if self._connection is None:
            connection: AbstractConnection = self._pool.make_connection()  # type: ignore[no-untyped-call]  # untyped there
            await connection.connect()  # type: ignore[no-untyped-call]  # untyped there
            self._connection = connection

    async def send(self, commands: list[tuple[Word, ...]]) -> None:
        """Write commands in one go. Raises one of STORE_UNAVAILABLE."""
        connection = self._connected()
        await connection.send_packed_command(connection.pack_commands(commands))

    async def reply(self) -> object:
        """Return the next reply, however long it takes. Raises one of STORE_UNAVAILABLE, also for an error reply."""
        return await self._connected().read_response()

    async def call(self, commands: list[tuple[Word, ...]]) -> list[object]:
        """Send commands and return their replies."""
        await self.send(commands)
        return [await self.reply() for _ in commands]

    async def call_on_streams(self, commands: list[tuple[Word, ...]]) -> list[object]:
        """Send commands and return their replies, None where a stream was closed: its key holds something else."""
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
        """Drop the connection; the next `open` makes a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)

    def _connected(self) -> AbstractConnection:
        if self._connection is None:
            raise ConnectionResetError("not connected")
        return self._connection
