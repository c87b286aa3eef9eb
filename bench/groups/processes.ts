/** Processes and threads: switches between them, and their beginnings and ends. */
import { type PairedRow, pairs } from "../pair.ts";
import type { Side } from "../side.ts";

const row = pairs("processes");
const MB = 1_000_000;
const small = async (side: Side) => [await side.program("small")];
const large = async (side: Side) => [await side.program("large")];

export const PROCESSES: readonly PairedRow[] = [
  row("pingpong-process", "1 byte to a process and back, by pipes", "us", { target: 0.05 }),
  row("pingpong-unix", "1 byte to a process and back, by an AF_UNIX stream", "us"),
  row("pingpong-thread", "a turn to a thread and back, by futexes", "us", { target: 0.05 }),
  row("ring-100", "a hop in a ring of 100 processes", "us", { source: "ring", args: ["100"] }),
  row("fork-1m", "fork + exit + wait, 1 MB touched", "us", { source: "fork", args: [`${MB}`], target: 1 }),
  row("fork-16m", "fork + exit + wait, 16 MB touched", "us", { source: "fork", args: [`${16 * MB}`] }),
  row("fork-64m", "fork + exit + wait, 64 MB touched", "us", { source: "fork", args: [`${64 * MB}`] }),
  row("fork-exec-30k", "fork + exec + wait, 30 KB program", "us", { source: "fork-exec", args: small, target: 0.4 }),
  row("fork-exec-1m", "fork + exec + wait, 1 MB program", "us", { source: "fork-exec", args: large }),
  row("vfork-exec", "vfork + exec + wait, 30 KB program", "us", { args: small }),
  row("thread-create", "thread create + join", "us", { target: 1 }),
  row("epoll-10", "epoll_wait with 10 idle descriptors", "ns", { source: "epoll", args: ["10"] }),
  row("epoll-1000", "epoll_wait with 1,000 idle descriptors", "ns", { source: "epoll", args: ["1000"], target: 0.5 }),
  row("shell-true-1000", "a shell loop of 1,000 /bin/true", "ms", {
    source: "shell-true",
    args: async (side) => [await side.busybox("sh"), await side.busybox("true"), "1000"],
  }),
  row("pingpong-tcp", "1 byte to a process and back, by TCP", "us"),
  row("tcp-64k", "64 KiB to a process by TCP", "us", { source: "tcp-stream", args: ["65536"] }),
  row("pipeline", "1 MiB through a pipeline of three processes", "us"),
];
