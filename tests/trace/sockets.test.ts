/** Sockets against lines that strace 6.1 printed on Linux; see format.test.ts. */
import { beforeEach, describe, expect, test } from "vitest";
import * as E from "../../kernel/abi/errno.ts";
import * as so from "../../kernel/abi/socket.ts";
import * as structs from "../../kernel/abi/structs.ts";
import { at, Guest } from "./guest.ts";

let g: Guest;
beforeEach(() => {
  g = new Guest();
});

const PATH = "\x01\0name\0";
const ABSTRACT = "\x01\0\0abstr";
const NO_MESSAGE = {
  msg_name: 0,
  msg_namelen: 0,
  msg_iov: 0,
  msg_iovlen: 0,
  msg_control: 0,
  msg_controllen: 0,
  msg_flags: 0,
};

test("types, flags and ways to shut down have names", () => {
  const { AF_UNIX, SOCK_STREAM, SOCK_CLOEXEC, SHUT_WR } = so;
  expect(g.call("socket", [AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0], 3)).toBe(
    "socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0|) = 3",
  );
  expect(g.call("socketpair", [AF_UNIX, so.SOCK_SEQPACKET, 0, g.words(9, 11)], 0)).toBe(
    "socketpair(AF_UNIX, SOCK_SEQPACKET, 0, |[9, 11]) = 0",
  );
  expect(g.call("shutdown", [4, SHUT_WR], 0)).toBe("shutdown(4, SHUT_WR|) = 0");
  expect(g.call("shutdown", [4, 7], -E.EINVAL)).toBe("shutdown(4, 0x7 /* SHUT_??? */|) = -1 EINVAL (Invalid argument)");
});

describe("addresses", () => {
  test("are paths, abstract names, or nothing", () => {
    expect(g.call("bind", [3, g.bytes(PATH), 7], 0)).toBe('bind(3, {sa_family=AF_UNIX, sun_path="name"}, 7|) = 0');
    expect(g.call("connect", [6, g.bytes(ABSTRACT), 8], 0)).toBe(
      'connect(6, {sa_family=AF_UNIX, sun_path=@"abstr"}, 8|) = 0',
    );
    expect(g.call("connect", [6, g.bytes(PATH), 2], -E.EINVAL)).toBe(
      "connect(6, {sa_family=AF_UNIX}, 2|) = -1 EINVAL (Invalid argument)",
    );
    expect(g.call("connect", [6, 0, 0], -E.EINVAL)).toBe("connect(6, NULL, 0|) = -1 EINVAL (Invalid argument)");
    expect(g.call("connect", [6, 0xffffffff, 5], -E.EFAULT)).toBe(
      "connect(6, 0xffffffff, 5|) = -1 EFAULT (Bad address)",
    );
  });

  test("that a call gives are shown with the room that there was for them", () => {
    const name = g.bytes(PATH);
    const length = g.words(110);
    const kernel = () => g.view.setInt32(length, 7, true);
    expect(g.call("getsockname", [3, name, length], 0, kernel)).toBe(
      'getsockname(3, |{sa_family=AF_UNIX, sun_path="name"}, [110 => 7]) = 0',
    );
    expect(g.call("getsockname", [3, name, length], 0)).toBe(
      'getsockname(3, |{sa_family=AF_UNIX, sun_path="name"}, [7]) = 0',
    );
    expect(g.call("getpeername", [3, name, length], -E.ENOTCONN)).toBe(
      `getpeername(3, |${at(name)}, [7]) = -1 ENOTCONN (Transport endpoint is not connected)`,
    );
    expect(g.call("accept4", [3, 0, 0, so.SOCK_CLOEXEC], 5)).toBe("accept4(3, |NULL, NULL, SOCK_CLOEXEC) = 5");
    const hello = g.bytes("hello");
    expect(g.call("recvfrom", [4, hello, 100, so.MSG_PEEK, name, length], 5)).toBe(
      'recvfrom(4, |"hello", 100, MSG_PEEK, {sa_family=AF_UNIX, sun_path="name"}, [7]) = 5',
    );
    expect(g.call("sendto", [6, hello, 5, so.MSG_DONTWAIT | so.MSG_NOSIGNAL, 0, 0], 5)).toBe(
      'sendto(6, "hello", 5, MSG_DONTWAIT|MSG_NOSIGNAL, NULL, 0|) = 5',
    );
  });
});

test("options have the form of their values", () => {
  const { SOL_SOCKET } = so;
  const length = g.words(4);
  expect(g.call("getsockopt", [4, SOL_SOCKET, so.SO_ERROR, g.words(0), length], 0)).toBe(
    "getsockopt(4, SOL_SOCKET, SO_ERROR, |[0], [4]) = 0",
  );
  const who = g.struct(structs.ucred, { pid: 7, uid: 0, gid: 0xffffffff });
  const room = g.words(100);
  expect(
    g.call("getsockopt", [4, SOL_SOCKET, so.SO_PEERCRED, who, room], 0, () => g.view.setInt32(room, 12, true)),
  ).toBe("getsockopt(4, SOL_SOCKET, SO_PEERCRED, |{pid=7, uid=0, gid=-1}, [100 => 12]) = 0");
  const linger = g.struct(structs.linger, { l_onoff: 1, l_linger: 30 });
  expect(g.call("setsockopt", [4, SOL_SOCKET, so.SO_LINGER, linger, 8], 0)).toBe(
    "setsockopt(4, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=30}, 8|) = 0",
  );
  expect(g.call("setsockopt", [4, SOL_SOCKET, 999, g.words(0), 4], -E.ENOPROTOOPT)).toBe(
    "setsockopt(4, SOL_SOCKET, 0x3e7 /* SO_??? */, [0], 4|) = -1 ENOPROTOOPT (Protocol not available)",
  );
  expect(g.call("setsockopt", [4, 77, 1, g.words(0), 4], -E.EOPNOTSUPP)).toBe(
    "setsockopt(4, 0x4d /* SOL_?? */, 1, [0], 4|) = -1 EOPNOTSUPP (Operation not supported)",
  );
});

describe("messages", () => {
  const buffers = () => {
    const [one, two] = [g.bytes("one"), g.bytes("two")];
    return g.words(one, 3, two, 3);
  };

  test("show their buffers and control messages", () => {
    const msg_iov = buffers();
    const plain = g.struct(structs.msghdr, { ...NO_MESSAGE, msg_iov, msg_iovlen: 2 });
    expect(g.call("sendmsg", [5, plain, 0], 6)).toBe(
      'sendmsg(5, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="one", iov_len=3}, {iov_base="two", iov_len=3}], ' +
        "msg_iovlen=2, msg_controllen=0, msg_flags=0}, 0|) = 6",
    );
    const rights = g.words(24, 0, so.SOL_SOCKET, so.SCM_RIGHTS, 1, 2);
    const withRights = { ...NO_MESSAGE, msg_iov, msg_iovlen: 1, msg_control: rights, msg_controllen: 24 };
    expect(g.call("sendmsg", [5, g.struct(structs.msghdr, withRights), 0], 3)).toBe(
      'sendmsg(5, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="one", iov_len=3}], msg_iovlen=1, ' +
        "msg_control=[{cmsg_len=24, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[1, 2]}], msg_controllen=24, msg_flags=0}, 0|) = 3",
    );
  });

  test("that are received show what came", () => {
    const msg_iov = buffers();
    const name = g.bytes(PATH);
    const credentials = g.words(28, 0, so.SOL_SOCKET, so.SCM_CREDENTIALS, 7, 0, 0);
    const message = g.struct(structs.msghdr, {
      ...NO_MESSAGE,
      msg_name: name,
      msg_namelen: 110,
      msg_iov,
      msg_iovlen: 1,
    });
    const kernel = () => {
      const filled = { msg_namelen: 7, msg_control: credentials, msg_controllen: 28, msg_flags: so.MSG_TRUNC };
      structs.msghdr.write(g.view, message, { ...NO_MESSAGE, msg_name: name, msg_iov, msg_iovlen: 1, ...filled });
    };
    expect(g.call("recvmsg", [4, message, 0], 2, kernel)).toBe(
      'recvmsg(4, |{msg_name={sa_family=AF_UNIX, sun_path="name"}, msg_namelen=110 => 7, msg_iov=[{iov_base="on", iov_len=3}], ' +
        "msg_iovlen=1, msg_control=[{cmsg_len=28, cmsg_level=SOL_SOCKET, cmsg_type=SCM_CREDENTIALS, " +
        "cmsg_data={pid=7, uid=0, gid=0}}], msg_controllen=28, msg_flags=MSG_TRUNC}, 0) = 2",
    );
    expect(g.call("recvmsg", [4, message, so.MSG_DONTWAIT], -E.EAGAIN)).toBe(
      "recvmsg(4, |{msg_namelen=7}, MSG_DONTWAIT) = -1 EAGAIN (Resource temporarily unavailable)",
    );
  });

  test("come in arrays", () => {
    const msg_hdr = { ...NO_MESSAGE, msg_iov: g.words(g.bytes("one"), 5), msg_iovlen: 1 };
    const vector = g.struct(structs.mmsghdr, { msg_hdr, msg_len: 3 });
    const text =
      '[{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="one", iov_len=5}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, msg_len=3}]';
    expect(g.call("recvmmsg", [11, vector, 1, so.MSG_WAITFORONE, 0], 1)).toBe(
      `recvmmsg(11, |${text}, 1, MSG_WAITFORONE, NULL) = 1`,
    );
  });
});
