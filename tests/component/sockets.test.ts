/** wasi:sockets on the network of a machine: components that serve and connect, among themselves and with Linux programs. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { boot, type Machine } from "../../runtime/index.ts";
import { clean } from "../cleanup.ts";
import { BUILD_TIMEOUT, componentize } from "./componentize.ts";
import { FOLDER, install } from "./support.ts";

afterAll(clean);

const IMPORTS = [
  ...["network", "instance-network", "tcp", "tcp-create-socket", "udp", "udp-create-socket", "ip-name-lookup"].map(
    (name) => `wasi:sockets/${name}`,
  ),
  ...["wasi:io/poll", "wasi:io/streams", "wasi:cli/stdout", "wasi:cli/environment"],
];

/** For WASI 0.2. */
const PROGRAM = `
import { getArguments } from "wasi:cli/environment@WASI";
import { getStdout } from "wasi:cli/stdout@WASI";
import { instanceNetwork } from "wasi:sockets/instance-network@WASI";
import { resolveAddresses } from "wasi:sockets/ip-name-lookup@WASI";
import { createTcpSocket } from "wasi:sockets/tcp-create-socket@WASI";
import { createUdpSocket } from "wasi:sockets/udp-create-socket@WASI";

const encode = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const decode = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
const print = (text) => getStdout().blockingWriteAndFlush(encode(text + "\\n"));
const network = instanceNetwork();
const v4 = (port, ...address) => ({ tag: "ipv4", val: { port, address: address.length > 0 ? address : [127, 0, 0, 1] } });
const v6 = (port, ...address) => ({
  tag: "ipv6",
  val: { port, flowInfo: 0, address: address.length > 0 ? address : [0, 0, 0, 0, 0, 0, 0, 1], scopeId: 0 },
});
const bind = (socket, address) => {
  socket.startBind(network, address);
  socket.finishBind();
};
const listen = (address) => {
  const socket = createTcpSocket(address.tag);
  bind(socket, address);
  socket.startListen();
  socket.finishListen();
  return socket;
};
const connect = (socket, address) => {
  socket.startConnect(network, address);
  socket.subscribe().block();
  return socket.finishConnect();
};
const accept = (socket) => {
  socket.subscribe().block();
  return socket.accept();
};
/** All that comes. */
const readAll = (input) => {
  let text = "";
  try {
    for (;;) text += decode(input.blockingRead(65536));
  } catch (error) {
    if (error.payload?.tag !== "closed") throw error;
  }
  return text;
};
const outcome = (body) => {
  try {
    const result = body();
    return result === undefined ? "ok" : JSON.stringify(result);
  } catch (error) {
    return typeof error.payload === "string" ? error.payload : JSON.stringify(error.payload ?? String(error));
  }
};
const show = (entries) => {
  for (const [name, body] of Object.entries(entries)) print(name + ": " + outcome(body));
};

const commands = {
  /** Answers some connections, one after the other, with what they send. */
  serve(count) {
    const listener = listen(v4(0));
    print(String(listener.localAddress().val.port));
    for (let i = 0; i < Number(count); i++) {
      const [socket, input, output] = accept(listener);
      output.blockingWriteAndFlush(encode("you said "));
      output.blockingWriteAndFlush(encode(readAll(input)));
      socket.shutdown("send");
    }
  },
  client(port, text) {
    const socket = createTcpSocket("ipv4");
    const [input, output] = connect(socket, v4(Number(port)));
    output.blockingWriteAndFlush(encode(text));
    socket.shutdown("send");
    print(readAll(input));
  },
  /** A connection within one process, with more than its buffers hold. */
  large() {
    const listener = listen(v6(0));
    const client = createTcpSocket("ipv6");
    const [, output] = connect(client, listener.localAddress());
    const [, input] = accept(listener);
    const chunk = new Uint8Array(4096).fill(120);
    let [sent, got, most] = [0, 0, 0];
    while (sent < 4000000) {
      let permit = Number(output.checkWrite());
      for (; permit > 0; permit = Number(output.checkWrite())) {
        const part = chunk.subarray(0, Math.min(permit, chunk.length));
        output.write(part);
        sent += part.length;
      }
      most = Math.max(most, sent - got);
      while (got < sent) {
        const bytes = input.read(1000000);
        if (bytes.length === 0) break;
        got += bytes.length;
      }
    }
    client.shutdown("send");
    got += readAll(input).length;
    print(String(got === sent) + " " + (most > 10000));
  },
  tcp() {
    const socket = createTcpSocket("ipv4");
    show({
      family: () => socket.addressFamily(),
      "no local address": () => socket.localAddress(),
      "no remote address": () => socket.remoteAddress(),
      "bind to another family": () => socket.startBind(network, v6(0)),
      "bind to a group": () => socket.startBind(network, v4(0, 224, 0, 0, 1)),
      "nothing to finish": () => socket.finishBind(),
      "bind elsewhere": () => bind(socket, v4(0, 192, 0, 2, 1)),
      "listen unbound": () => socket.startListen(),
      bind: () => bind(socket, v4(0)),
      "bind again": () => socket.startBind(network, v4(0)),
      bound: () => socket.localAddress().val.port > 0,
      "accept before": () => socket.accept(),
      backlog: () => socket.setListenBacklogSize(0),
      "start listening": () => socket.startListen(),
      "start again": () => socket.startListen(),
      "finish listening": () => socket.finishListen(),
      listening: () => socket.isListening(),
      "nobody there": () => socket.accept(),
      "connect a listener": () => socket.startConnect(network, v4(1)),
      "shutdown a listener": () => socket.shutdown("both"),
    });
    const client = createTcpSocket("ipv4");
    let peer;
    show({
      "address in use": () => bind(createTcpSocket("ipv4"), socket.localAddress()),
      "connect to any": () => client.startConnect(network, v4(1, 0, 0, 0, 0)),
      "connect to port 0": () => client.startConnect(network, v4(0)),
      "nothing to finish": () => client.finishConnect(),
      connect: () => void connect(client, socket.localAddress()),
      "connect again": () => client.startConnect(network, socket.localAddress()),
      accept: () => void (peer = accept(socket)),
      "remote address": () => client.remoteAddress().val.port === socket.localAddress().val.port,
      "its remote address": () => peer[0].remoteAddress().val.port === client.localAddress().val.port,
      "nothing to read": () => peer[1].read(10).length,
      keepalive: () => [client.setKeepAliveEnabled(true), client.keepAliveEnabled()],
      idle: () => [client.setKeepAliveIdleTime(1), client.keepAliveIdleTime()],
      "idle never": () => client.setKeepAliveIdleTime(0),
      interval: () => [client.setKeepAliveInterval(42000000000), client.keepAliveInterval()],
      count: () => [client.setKeepAliveCount(42), client.keepAliveCount()],
      hops: () => [client.setHopLimit(42), client.hopLimit()],
      "no hops": () => client.setHopLimit(0),
      "receive buffer": () => [client.setReceiveBufferSize(65536), client.receiveBufferSize()],
      "send buffer": () => [client.setSendBufferSize(65536), client.sendBufferSize()],
      "shut down": () => client.shutdown("both"),
      "closed for reading": () => peer[1].blockingRead(1),
    });
    const port = socket.localAddress().val.port;
    const refused = createTcpSocket("ipv4");
    const unreachable = createTcpSocket("ipv4");
    const free = createTcpSocket("ipv4");
    bind(free, v4(0));
    show({
      refused: () => connect(refused, free.localAddress()),
      "after that": () => refused.startConnect(network, socket.localAddress()),
      unreachable: () => connect(unreachable, v4(80, 192, 0, 2, 1)),
      mapped: () => createTcpSocket("ipv6").startBind(network, v6(0, 0, 0, 0, 0, 0, 0xffff, 0x7f00, 1)),
      "the other family's port is free": () => bind(createTcpSocket("ipv6"), v6(port)),
    });
  },
  udp() {
    const [a, b] = [createUdpSocket("ipv4"), createUdpSocket("ipv4")];
    const streams = {};
    const send = (name, ...datagrams) => {
      streams[name][1].subscribe().block();
      const permit = streams[name][1].checkSend();
      return permit > 0 && streams[name][1].send(datagrams.map(([text, remoteAddress]) => ({ data: encode(text), remoteAddress })));
    };
    const receive = (name, wait = true) => {
      if (wait) streams[name][0].subscribe().block();
      return streams[name][0].receive(10).map(({ data, remoteAddress }) => [
        decode(data),
        remoteAddress.val.port === a.localAddress().val.port ? "a" : remoteAddress.val.port === b.localAddress().val.port ? "b" : "?",
      ]);
    };
    show({
      "stream unbound": () => a.stream(undefined),
      bind: () => (bind(a, v4(0)), bind(b, v4(0))),
      "address in use": () => bind(createUdpSocket("ipv4"), a.localAddress()),
      streams: () => void (streams.a = a.stream(undefined)) || void (streams.b = b.stream(a.localAddress())),
      "b's peer": () => b.remoteAddress().val.port === a.localAddress().val.port,
      "a's peer": () => a.remoteAddress(),
      nothing: () => receive("a", false),
      "b to a": () => send("b", ["one", undefined], ["two", a.localAddress()]),
      "a gets": () => receive("a"),
      "a to b": () => send("a", ["three", b.localAddress()]),
      "b gets": () => receive("b"),
      "to nobody": () => send("a", ["four", undefined]),
      "to another than the peer": () => send("b", ["five", b.localAddress()]),
      "too large": () => send("a", ["x".repeat(65508), b.localAddress()]),
      "none at all": () => send("a"),
      empty: () => send("a", ["", b.localAddress()]),
      "b gets nothing": () => receive("b"),
      hops: () => [a.setUnicastHopLimit(7), a.unicastHopLimit()],
    });
  },
  names(...names) {
    for (const name of names) {
      print(
        outcome(() => {
          const stream = resolveAddresses(network, name);
          const all = [];
          for (let address; (address = stream.resolveNextAddress()); ) all.push(address.val.join("."));
          return all;
        }),
      );
    }
  },
};
export const run = {
  run() {
    const [, command, ...rest] = getArguments();
    commands[command](...rest);
  },
};`;

/**
 * For WASI 0.3. It does not listen: jco gives a component of several, as this engine is, the sockets of a stream by wrong handles. The
 * WASI testsuite's programs do.
 */
const PROGRAM3 = `
import { getArguments } from "wasi:cli/environment@WASI";
import { writeViaStream } from "wasi:cli/stdout@WASI";
import { waitFor } from "wasi:clocks/monotonic-clock@WASI";
import { resolveAddresses } from "wasi:sockets/ip-name-lookup@WASI";
import { TcpSocket, UdpSocket } from "wasi:sockets/types@WASI";

const encode = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const decode = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
const print = (text) => writeViaStream([encode(text + "\\n")]).read();
const v4 = (port, ...address) => ({ tag: "ipv4", val: { port, address: address.length > 0 ? address : [127, 0, 0, 1] } });
const readAll = async (stream) => {
  let text = "";
  for await (const chunk of stream) text += decode(chunk);
  return text;
};
const outcome = async (body) => {
  try {
    const result = await body();
    return JSON.stringify(result) ?? "ok";
  } catch (error) {
    return (error.payload ?? error).tag ?? String(error);
  }
};
/** Sends a text, after a while, and gives what comes back, both until their ends. */
const exchange = async (socket, text) => {
  const [incoming, end] = socket.receive();
  const outgoing = async function* () {
    await waitFor(5000000);
    yield encode(text);
  };
  const sent = socket.send(outgoing());
  const answer = await readAll(incoming);
  return [answer, (await sent.read()).tag, (await end.read()).tag];
};

const commands = {
  /** Two connections at once. */
  async client(port, ...texts) {
    const talk = async (text) => {
      const socket = TcpSocket.create("ipv4");
      await socket.connect(v4(Number(port)));
      return (await exchange(socket, text)).join(" ");
    };
    await print((await Promise.all(texts.map(talk))).join("\\n"));
  },
  async errors() {
    const tcp = TcpSocket.create("ipv4");
    const udp = UdpSocket.create("ipv6");
    const refused = TcpSocket.create("ipv4");
    const free = TcpSocket.create("ipv4");
    free.bind(v4(0));
    const tries = {
      unbound: () => tcp.getLocalAddress(),
      "send unconnected": () => tcp.send([encode("x")]).read(),
      "receive unconnected": () => tcp.receive()[1].read(),
      listen: () => void tcp.listen(),
      bound: () => tcp.getLocalAddress().val.port > 0,
      again: () => void tcp.listen(),
      "connect a listener": () => tcp.connect(v4(1)),
      refused: () => refused.connect(free.getLocalAddress()),
      "after that": () => refused.connect(tcp.getLocalAddress()),
      "another family": () => udp.connect(v4(1)),
      "receive unbound": () => udp.receive(),
      "no peer": () => udp.send(encode("x"), null),
      disconnect: () => udp.disconnect(),
      name: () => resolveAddresses("localhost"),
      "no name": () => resolveAddresses("nowhere.invalid"),
    };
    const lines = [];
    for (const [name, body] of Object.entries(tries)) lines.push(name + ": " + (await outcome(body)));
    await print(lines.join("\\n"));
  },
  async udp() {
    const [a, b] = [UdpSocket.create("ipv4"), UdpSocket.create("ipv4")];
    a.bind(v4(0));
    b.connect(a.getLocalAddress());
    const received = a.receive();
    await b.send(encode("a datagram"), null);
    const [data, from] = await received;
    await a.send(encode("an answer"), from);
    const [answer, back] = await b.receive();
    b.disconnect();
    const peer = await outcome(() => b.getRemoteAddress());
    await print([decode(data), decode(answer), back.val.port === a.getLocalAddress().val.port, peer].join("\\n"));
  },
};
export const run = {
  async run() {
    const [, command, ...rest] = getArguments();
    await commands[command](...rest);
  },
};`;

let machine: Machine;
beforeAll(async () => {
  install("net", await componentize("quickjs", IMPORTS, PROGRAM));
  const cli3 = ["wasi:cli/stdout", "wasi:cli/environment", "wasi:clocks/monotonic-clock"];
  const imports3 = ["wasi:sockets/types", "wasi:sockets/ip-name-lookup", ...cli3];
  install("net3", await componentize("quickjs 0.3", imports3, PROGRAM3));
  machine = await boot({ mounts: [{ host: FOLDER, guest: "/c" }] });
}, BUILD_TIMEOUT);
afterAll(async () => {
  const bugs = (await machine.log()).filter((line) => line.includes("BUG"));
  await machine.shutdown();
  expect(bugs).toEqual([]);
});

const run = async (command: string | string[]) => {
  const { stdout, stderr } = await (await machine.spawn(command)).result();
  return stdout + stderr;
};

const lines = (text: string) => text.trim().split("\n");

/** A shell's commands around a server of `count` connections, whose port is $port. */
const withServer = (count: number, commands: string) =>
  run(`/c/net serve ${count} >/tmp/port & until [ -s /tmp/port ]; do usleep 1000; done; port=$(cat /tmp/port)
    ${commands}; wait; rm /tmp/port`);

test("a component serves Linux programs and components", async () => {
  const commands = `echo from nc | nc 127.0.0.1 $port; /c/net client $port "from a component"`;
  expect(await withServer(2, commands)).toBe("you said from nc\nyou said from a component\n");
});

test("one that waits for a connection is ended by a signal, and its port is free", async () => {
  // The shell may say that it was terminated.
  const commands = "exec 2>/dev/null; kill $!; wait $!; echo $?; nc 127.0.0.1 $port </dev/null || echo nobody";
  expect(await withServer(1, commands)).toBe("143\nnobody\n");
});

test("more than buffers hold, in both directions of time within one process", async () => {
  expect(await run(["/c/net", "large"])).toBe("true true\n");
});

test("TCP: what is allowed when, addresses, properties, errors by their names", async () => {
  expect(lines(await run(["/c/net", "tcp"]))).toEqual([
    'family: "ipv4"',
    "no local address: invalid-state",
    "no remote address: invalid-state",
    "bind to another family: invalid-argument",
    "bind to a group: invalid-argument",
    "nothing to finish: not-in-progress",
    "bind elsewhere: address-not-bindable",
    "listen unbound: invalid-state",
    "bind: ok",
    "bind again: invalid-state",
    "bound: true",
    "accept before: invalid-state",
    "backlog: invalid-argument",
    "start listening: ok",
    "start again: invalid-state",
    "finish listening: ok",
    "listening: true",
    "nobody there: would-block",
    "connect a listener: invalid-state",
    "shutdown a listener: invalid-state",
    "address in use: address-in-use",
    "connect to any: invalid-argument",
    "connect to port 0: invalid-argument",
    "nothing to finish: not-in-progress",
    "connect: ok",
    "connect again: invalid-state",
    "accept: ok",
    "remote address: true",
    "its remote address: true",
    "nothing to read: 0",
    "keepalive: [null,true]",
    "idle: [null,1000000000]",
    "idle never: invalid-argument",
    "interval: [null,42000000000]",
    "count: [null,42]",
    "hops: [null,42]",
    "no hops: invalid-argument",
    "receive buffer: [null,65536]",
    "send buffer: [null,65536]",
    "shut down: ok",
    'closed for reading: {"tag":"closed"}',
    "refused: connection-refused",
    "after that: invalid-state",
    "unreachable: remote-unreachable",
    "mapped: invalid-argument",
    "the other family's port is free: ok",
  ]);
});

test("UDP: streams with and without a peer", async () => {
  expect(lines(await run(["/c/net", "udp"]))).toEqual([
    "stream unbound: invalid-state",
    "bind: ok",
    "address in use: address-in-use",
    "streams: ok",
    "b's peer: true",
    "a's peer: invalid-state",
    "nothing: []",
    "b to a: 2",
    'a gets: [["one","b"],["two","b"]]',
    "a to b: 1",
    'b gets: [["three","a"]]',
    "to nobody: invalid-argument",
    "to another than the peer: invalid-argument",
    "too large: datagram-too-large",
    "none at all: 0",
    "empty: 1",
    'b gets nothing: [["","a"]]',
    "hops: [null,7]",
  ]);
});

test("names are addresses as text, or in /etc/hosts", async () => {
  const names = {
    "127.0.0.1": '["127.0.0.1"]',
    "::1": '["0.0.0.0.0.0.0.1"]',
    "1:2::ffff:10.1.2.3": '["1.2.0.0.0.65535.2561.515"]',
    "::ffff:1.2.3.4": '["1.2.3.4"]',
    "LocalHost.": '["127.0.0.1","0.0.0.0.0.0.0.1"]',
    "höst.example": '["10.0.0.1"]',
    "nowhere.invalid": "name-unresolvable",
    "a b": "invalid-argument",
    "1.2.3.4.5": "invalid-argument",
    "1::2::3": "invalid-argument",
    "": "invalid-argument",
  };
  await run("echo '10.0.0.1 other xn--hst-sna.example # a comment' >>/etc/hosts");
  expect(lines(await run(["/c/net", "names", ...Object.keys(names)]))).toEqual(Object.values(names));
});

describe("WASI 0.3", () => {
  test("a component connects to one of 0.2, twice at the same time", async () => {
    const answers = "you said one ok ok\nyou said two ok ok\n";
    for (let i = 0; i < 5; i++) expect(await withServer(2, "/c/net3 client $port one two")).toBe(answers);
  });

  test("what is allowed when, errors by their names, names", async () => {
    expect(lines(await run(["/c/net3", "errors"]))).toEqual([
      "unbound: invalid-state",
      'send unconnected: {"tag":"err","val":{"tag":"invalid-state"}}',
      'receive unconnected: {"tag":"err","val":{"tag":"invalid-state"}}',
      "listen: ok",
      "bound: true",
      "again: invalid-state",
      "connect a listener: invalid-state",
      "refused: connection-refused",
      "after that: invalid-state",
      "another family: invalid-argument",
      "receive unbound: invalid-state",
      "no peer: invalid-argument",
      "disconnect: invalid-state",
      'name: [{"tag":"ipv4","val":[127,0,0,1]},{"tag":"ipv6","val":[0,0,0,0,0,0,0,1]}]',
      "no name: name-unresolvable",
    ]);
  });

  test("UDP: what waits for a datagram gets it", async () => {
    expect(lines(await run(["/c/net3", "udp"]))).toEqual(["a datagram", "an answer", "true", "invalid-state"]);
  });
});
