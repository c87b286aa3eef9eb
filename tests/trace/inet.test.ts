/** AF_INET, AF_INET6 and AF_NETLINK against lines that strace 6.1 printed on Linux; see format.test.ts. */
import { beforeEach, expect, test } from "vitest";
import * as E from "../../kernel/abi/errno.ts";
import * as inet from "../../kernel/abi/inet.ts";
import * as so from "../../kernel/abi/socket.ts";
import { Guest } from "./guest.ts";

let g: Guest;
beforeEach(() => {
  g = new Guest();
});

test("protocols have the names of their family", () => {
  const { AF_INET, AF_INET6, AF_NETLINK, AF_UNIX, SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_NONBLOCK } = so;
  const line = (family: number, type: number, protocol: number) => g.call("socket", [family, type, protocol], 3);
  expect(line(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)).toBe(
    "socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_IP|) = 3",
  );
  expect(line(AF_INET6, SOCK_DGRAM, 17)).toBe("socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP|) = 3");
  expect(line(AF_NETLINK, SOCK_RAW, 0)).toBe("socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE|) = 3");
  expect(line(AF_INET, SOCK_RAW, 77)).toBe("socket(AF_INET, SOCK_RAW, 0x4d /* IPPROTO_??? */|) = 3");
  expect(line(AF_UNIX, SOCK_STREAM, 0)).toBe("socket(AF_UNIX, SOCK_STREAM, 0|) = 3");
});

test("addresses are ports and hosts", () => {
  const four = g.bytes(`\x02\0\0\x09\x7f\0\0\x01${"\0".repeat(8)}`);
  expect(g.call("connect", [3, four, 16], -E.EINPROGRESS)).toBe(
    'connect(3, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("127.0.0.1")}, 16|) = -1 EINPROGRESS (Operation now in progress)',
  );
  const six = (host: string) => g.bytes(`\x0a\0\0\x63\0\0\0\0${host}\0\0\0\0`);
  const shown = (host: string) =>
    `{sa_family=AF_INET6, sin6_port=htons(99), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "${host}", &sin6_addr), sin6_scope_id=0}`;
  expect(g.call("bind", [7, six(`${"\0".repeat(15)}\x01`), 28], 0)).toBe(`bind(7, ${shown("::1")}, 28|) = 0`);
  expect(g.call("bind", [7, six("\0".repeat(16)), 28], 0)).toBe(`bind(7, ${shown("::")}, 28|) = 0`);
  expect(g.call("bind", [7, six(`${"\0".repeat(10)}\xff\xff\x7f\0\0\x01`), 28], 0)).toBe(
    `bind(7, ${shown("::ffff:127.0.0.1")}, 28|) = 0`,
  );
  expect(g.call("bind", [7, six(`\x20\x01\x0d\xb8${"\0".repeat(5)}\x01${"\0".repeat(5)}\x02`), 28], 0)).toBe(
    `bind(7, ${shown("2001:db8::1:0:0:2")}, 28|) = 0`,
  );
  const netlink = g.bytes(`\x10\0\0\0\x05\0\0\0${"\0".repeat(4)}`);
  expect(g.call("bind", [7, netlink, 12], 0)).toBe(
    "bind(7, {sa_family=AF_NETLINK, nl_pid=5, nl_groups=00000000}, 12|) = 0",
  );
});

test("options have the names of their level", () => {
  const set = (level: number, name: number) => g.call("setsockopt", [3, level, name, g.words(1), 4], 0);
  expect(set(so.SOL_TCP, inet.TCP_NODELAY)).toBe("setsockopt(3, SOL_TCP, TCP_NODELAY, [1], 4|) = 0");
  expect(set(so.SOL_IP, inet.IP_TTL)).toBe("setsockopt(3, SOL_IP, IP_TTL, [1], 4|) = 0");
  expect(set(so.SOL_IPV6, inet.IPV6_V6ONLY)).toBe("setsockopt(3, SOL_IPV6, IPV6_V6ONLY, [1], 4|) = 0");
  expect(set(so.SOL_TCP, 999)).toBe("setsockopt(3, SOL_TCP, 0x3e7 /* TCP_??? */, [1], 4|) = 0");
});
