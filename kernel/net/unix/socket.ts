export type UnixSocket = import("./stream.ts").UnixStream;
