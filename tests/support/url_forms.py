"""Spellings of internal addresses, collected from known attacks on fetchers."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

PRIVATE_V4 = (
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "0.0.0.0",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.88.99.1",
    "168.63.129.16",
    "203.0.113.5",
)
PRIVATE_V6 = (
    "::",
    "::1",
    "0:0:0:0:0:0:0:1",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "ff0e::1",
    "100::1",
    "100:0:0:1::1",
    "2001:db8::1",
    "2001::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:1ff:ffff::1",
    "2002::1",
    "3ffe::1",
    "3fff::1",
    "5f00::1",
    "4000::1",
    "64:ff9b:1::808:808",
    "64:ff9b:1:fffe::1",
    "::8.8.8.8",
    "::ffff:0:127.0.0.1",
)
_CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
_FULL_WIDTH = str.maketrans("0123456789", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19")
_BOLD = str.maketrans(
    "0123456789", "\U0001d7ce\U0001d7cf\U0001d7d0\U0001d7d1\U0001d7d2\U0001d7d3\U0001d7d4\U0001d7d5\U0001d7d6\U0001d7d7"
)


def hosts_of(dotted: str) -> Iterator[str]:
    """Yield the hosts that mean an IPv4 address, to one program or another."""
    number, parts = int(IPv4Address(dotted)), [int(part) for part in dotted.split(".")]
    a, b, c, d = parts
    yield from (dotted, f"{dotted}.", str(number), hex(number), hex(number).upper(), f"0{number:o}", f"0x{number:016x}")
    yield ".".join(f"0{part:o}" for part in parts)
    yield ".".join(f"000{part:o}" for part in parts)
    yield ".".join(hex(part) for part in parts)
    yield from (f"{a}.{b}.{c << 8 | d}", f"{a}.{b << 16 | c << 8 | d}", f"0x{a:x}.0{b:o}.{c}.{d}")
    yield from (dotted.translate(_CIRCLED), dotted.translate(_FULL_WIDTH), dotted.translate(_BOLD))
    yield from (dotted.replace(".", "。"), dotted.replace(".", "\uff0e"), str(number).translate(_CIRCLED))
    yield from (f"[{address}]" for address in _embedded(dotted))


def _embedded(dotted: str) -> Iterator[str]:
    number = int(IPv4Address(dotted))
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    teredo = number ^ 0xFFFFFFFF
    yield from (f"::ffff:{dotted}", f"::FFFF:{high}:{low}", f"0:0:0:0:0:ffff:{high}:{low}", f"::{dotted}")
    yield from (f"64:ff9b::{dotted}", f"64:ff9b::{high}:{low}", f"64:ff9b:1::{dotted}", f"2002:{high}:{low}::1")
    yield f"2001:0:4136:e378:8000:63bf:{teredo >> 16:x}:{teredo & 0xFFFF:x}"
    yield from (f"fe80::5efe:{dotted}", f"2a00:1450:4001:80b:0:5efe:{dotted}", f"2a00:1450::200:5efe:{dotted}")
    yield IPv6Address(0xFFFF << 32 | number).exploded


def private_urls() -> tuple[str, ...]:
    """URLs, each once, in a stable order."""
    hosts = [host for dotted in PRIVATE_V4 for host in hosts_of(dotted)] + [f"[{address}]" for address in PRIVATE_V6]
    schemes = ("http", "https")
    return tuple(dict.fromkeys(f"{schemes[place % 2]}://{host}/" for place, host in enumerate(hosts)))


MALFORMED = (
    *("", "/", "//", "http:", "http:/", "http://", "http:///", "http:///example.com/", "https:example.com"),
    *("http:/example.com/", "http:\\\\example.com\\", "http://example.com\\@127.0.0.1/", "example.com"),
    *("//example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com:70/_x"),
    *("dict://example.com:11211/stats", "data:text/html,x", "javascript:alert(1)"),
    *("jar:http://example.com!/x", "ldap://example.com/", "tftp://example.com/", "ws://example.com/"),
    *("unix:///var/run/docker.sock", "blob:http://example.com/x", "http+unix://%2Fsock/x"),
    *("view-source:http://example.com/", "netdoc:///etc/passwd", "php://filter", "phar://x"),
    *("sftp://example.com/", "http://user@example.com/", "http://user:pw@example.com/"),
    *("http://example.com@127.0.0.1/", "http://@example.com/", "http://:@example.com/"),
    *("http://example.com:80@127.0.0.1/", "http://127.0.0.1@example.com/", "http://a@b@example.com/"),
    *("http://example.com%40127.0.0.1/", "http://example.com%2f@127.0.0.1/", "https://[::1]@example.com/"),
    *("http://example.com:22/", "http://example.com:25/", "http://example.com:6379/"),
    *("http://example.com:8080/", "http://example.com:0/", "http://example.com:65536/"),
    *("http://example.com:99999999/", "http://example.com:-80/", "http://example.com:/"),
    *("http://example.com:80:80/", "http://example.com:\uff18\uff10/", "http://example.com:0x50/"),
    *("http://example.com: 80/", "http://example.com:80a/", "https://example.com:2375/"),
    *("http://example.com:443443/", " http://example.com/", "http://example.com/ ", "http://exa mple.com/"),
    *("http://example.com/a b", "http://example.com/\t", "\thttp://example.com/", "ht\ntp://example.com/"),
    *("http://example.com/\r\nhost: 127.0.0.1", "http://example.com/\x00"),
    *("http://example.com\x00.internal/", "http://example.com/\u2028", "http://127.0.0.1\u200b/"),
    *("http://example.com/\x7f", "http://example.com/\ufeff", "http://ex\xa0ample.com/"),
    *("http://example.com\t/", "http://example.com/\ud800", "http://localhost/", "http://LOCALHOST/"),
    *("http://localhost./", "http://a.localhost/"),
    *("http://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3/", "http://metadata.google.internal/"),
    *("http://printer.local/", "http://router.lan/", "http://x.home.arpa/", "http://searxng/"),
    *("http://redis/", "http://kubernetes.default.svc.cluster.local/", "http://example.test/"),
    *("http://x.onion/", "http://1.0.0.127.in-addr.arpa/", "http://nothing.invalid/", "http://foo.alt/"),
    *("http://[::1/", "http://::1/", "http://[::1]x/", "http://[]/", "http://[127.0.0.1]/"),
    *("http://[::1%25lo]/", "http://[fe80::1%eth0]/", "http://[fe80::1%251]/"),
    *("http://[::ffff:127.0.0.1%1]/", "http://[v1.x]/", "http://[1:2:3]/", "http://[::127.0.0.1.5]/"),
    *("http://[::ffff:0x7f.1]/", "http://[0:0:0:0:0:0:0:0:1]/", "http://[::1]:6379/", "http://127.0.0.1.5/"),
    *("http://256.1.1.1/", "http://1.2.3.256/", "http://4294967296/", "http://0x100000000/"),
    *("http://127.0.0.08/", "http://1..2/", "http://.1.1.1.1/", "http://0x7f.0x0.0x0.0xg1/"),
    *("http://-example.com/", "http://example-.com/", "http://exam_ple.com/", "http://example..com/"),
    *("http://.example.com/", "http://example.com../", "http://%31%32%37.0.0.1/", "http://127%2e0%2e0%2e1/"),
    *("http://exa%6dple.com/",),
    *("http://example.com/%",),
    *("http://example.com/%zz", "http://example.com/?x=%1", "http://$(id).com/", "http://exa'mple.com/"),
    *("http://example.com;127.0.0.1/", "http://example.com,127.0.0.1/", "http://{example}.com/"),
    *("http://<x>.com/", "http://127.1:80\\@example.com/", "http://1.1.1.1 &@2.2.2.2# @127.0.0.1/"),
    *("http://example.com&@127.0.0.1#@x/", "http://xn--a.com@127.0.0.1/", "http://\ufb00\xad_.com/"),
    *("http://\u0301x.com/", "http://a\u2024b_.com/", "http://\U0001f937\u200d\u2642\ufe0f.com/"),
    *("http://" + "a" * 64 + ".com/", "http://" + "a." * 130 + "com/", "http://example.com/" + "a" * 5_000),
)
