"""The codecs of the client's messages: the same bytes, values and errors as the client's own."""

import importlib
import inspect
import pkgutil
from io import BytesIO
from typing import Any

import aiokafka.protocol
import pytest
from aiokafka.protocol import types
from aiokafka.protocol.fetch import FetchResponse_v11
from aiokafka.protocol.struct import Struct
from hypothesis import given
from hypothesis import strategies as st

from libs.runtime.kafka import schema_codec
from libs.runtime.kafka.schema_codec import use_schema_codecs

for module in pkgutil.iter_modules(aiokafka.protocol.__path__):
    importlib.import_module(f"aiokafka.protocol.{module.name}")

BITS = {types.Int8: 8, types.Int16: 16, types.Int32: 32, types.Int64: 64}


def kinds_below(kind: type[Struct]) -> list[type[Struct]]:
    return [one for below in kind.__subclasses__() for one in (below, *kinds_below(below))]


def has_codec(kind: type[Struct]) -> bool:
    is_plain = not inspect.isabstract(kind) and kind.__init__ is Struct.__init__
    return is_plain and schema_codec.codec_of(kind) is not None


KINDS = sorted(filter(has_codec, kinds_below(Struct)), key=lambda kind: kind.__name__)


def values_of(field: object) -> st.SearchStrategy[Any]:
    if field in BITS:
        return st.integers(-(2 ** (BITS[field] - 1)), 2 ** (BITS[field] - 1) - 1)
    if field is types.UInt32:
        return st.integers(0, 2**32 - 1)
    if field is types.Float64:
        return st.floats(allow_nan=False)
    if field is types.Boolean:
        return st.booleans()
    if field is types.Bytes:
        return st.none() | st.binary(max_size=12)
    if isinstance(field, types.String):
        return st.none() | st.text(max_size=6)
    if isinstance(field, types.Array):
        return st.none() | st.lists(values_of(field.array_of), max_size=3)
    assert isinstance(field, types.Schema)
    return st.tuples(*map(values_of, field.fields))


@st.composite
def messages(draw: st.DrawFn) -> Struct:
    kind = draw(st.sampled_from(KINDS))
    return kind(*draw(st.tuples(*map(values_of, kind.SCHEMA.fields))))


def read(kind: type[Struct], data: bytes, *, plain: bool) -> tuple[Any, int] | type[Exception]:
    """Message that follows four other bytes, and the position after it; or the class of the error."""
    stream = BytesIO(b"head" + data)
    stream.seek(4)
    try:
        found = schema_codec._plain_decode(kind, stream) if plain else schema_codec._decode(kind, stream)
    except ValueError:
        return ValueError
    return found.__dict__, stream.tell()


@given(messages())
def test_every_message_has_the_bytes_and_the_values_of_the_client(message: Struct) -> None:
    data = schema_codec._encode(message)
    assert data == schema_codec._plain_encode(message)
    assert read(type(message), data + b"more", plain=False) == (message.__dict__, len(data) + 4)


@given(messages(), st.data())
def test_cut_and_changed_data_is_read_as_the_client_reads_it(message: Struct, data: st.DataObject) -> None:
    whole = bytearray(schema_codec._encode(message))
    for place in data.draw(st.lists(st.integers(0, max(0, len(whole) - 1)), max_size=2)):
        whole[place : place + 1] = data.draw(st.sampled_from([b"\x00", b"\x01", b"\xff"]))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    assert read(type(message), cut, plain=False) == read(type(message), cut, plain=True)


def test_a_value_outside_its_range_is_an_error_as_with_the_client() -> None:
    message = FetchResponse_v11(2**31, 0, 0, [])
    for encode in (schema_codec._encode, schema_codec._plain_encode):
        with pytest.raises(ValueError, match=r"FetchResponse_v11|struct format"):
            encode(message)


def test_most_messages_have_a_codec_and_use_it() -> None:
    use_schema_codecs()
    assert {"FetchRequest_v11", "FetchResponse_v11", "ProduceRequest_v8", "ProduceResponse_v8"} <= {
        kind.__name__ for kind in KINDS
    }
    assert FetchResponse_v11.decode.__func__ is schema_codec._decode
    assert FetchResponse_v11.encode is schema_codec._encode
