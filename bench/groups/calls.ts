/** System calls of one process. */
import { type PairedRow, pairs } from "../pair.ts";

const row = pairs("calls");

export const CALLS: readonly PairedRow[] = [
  row("getpid", "getpid", "ns", { target: 0.04 }),
  row("clock_gettime", "clock_gettime (natively the vDSO)", "ns", { target: 1 }),
  row("lseek", "lseek", "ns"),
  row("dup-close", "dup + close", "ns"),
  row("null-1", "write of 1 byte to /dev/null", "ns", { source: "null", args: ["1"] }),
  row("pipe-1", "write + read of 1 byte through a pipe", "ns", { source: "pipe", args: ["1"], target: 0.25 }),
  row("pipe-4k", "write + read of 4 KiB through a pipe", "ns", { source: "pipe", args: ["4096"], target: 0.5 }),
  row("pipe-64k", "write + read of 64 KiB through a pipe", "ns", { source: "pipe", args: ["65536"] }),
  row("socketpair-1", "1 byte through an AF_UNIX stream and back", "ns", { source: "socketpair", args: ["1"] }),
  row("socketpair-64k", "64 KiB through an AF_UNIX stream and back", "ns", { source: "socketpair", args: ["65536"] }),
  row("pread-4k", "pread of 4 KiB, cached", "ns", { source: "pread", args: ["4096"], target: 0.5 }),
  row("stat", "stat", "ns", { args: ["1"], target: 0.7 }),
  row("path-8", "stat of a path of 8 components", "ns", { source: "stat", args: ["8"] }),
  row("open-close", "open + close", "ns", { target: 1 }),
  row("getdents-1000", "getdents of 1,000 entries", "us", { source: "getdents", args: ["1000"] }),
  row("mmap-64k", "mmap + munmap of 64 KiB", "ns", { source: "mmap", args: ["65536"] }),
  row("cold-null", "a call of the cold half that does nothing", "ns", { target: 0.5 }),
  row("tcp-connect", "a TCP connection made, accepted, closed", "us"),
  row("udp-1", "1 byte by a UDP datagram", "ns", { source: "udp", args: ["1"] }),
  row("signal-self", "a signal to oneself with a handler", "ns", { target: 0.5 }),
];
