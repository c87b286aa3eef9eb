/** The directories that a component is given: by the rule of WASI preview 1. */
import { openPreopens as open } from "../../wasi/preopens.ts";
import type { Calls } from "../calls.ts";
import { Fd } from "../descriptor.ts";
import { Node } from "./filesystem.ts";

/** Opens them; `folders`: the machine's mounted folders, by their paths in it. */
export function openPreopens(calls: Calls, folders: readonly string[]): [Node, string][] {
  const { kernel, process } = calls.task;
  const outside = process.parent === kernel.init;
  return open(calls.task, folders, outside && folders.length > 0).flatMap(({ name, file }): [Node, string][] => {
    const number = kernel.vfs.installFd(calls.task, file.ptr, true);
    return number < 0
      ? []
      : [[new Node(calls, new Fd(calls, number), { read: true, mutateDirectory: true }, true), name]];
  });
}
