/** `ring3 syscalls`: the syscall table, for people and programs. */
import { type Status, SYSCALLS, type Syscall } from "../../kernel/abi/syscalls.ts";
import { printReport } from "../host/node/stdio.ts";

/** "full", "partly" or "no". */
const support = (status: Status): string => status.kind;
const note = (status: Status): string =>
  status.kind === "partly" ? status.missing : status.kind === "no" ? status.why : "";
const signature = (call: Syscall): string => call.args.map((arg) => `${arg.type} ${arg.name}`).join(", ");

function table(): string {
  const rows = SYSCALLS.filter(Boolean).map((call) => [
    String(call.nr),
    call.name,
    call.status.kind === "no" ? "" : call.half,
    support(call.status),
    note(call.status),
  ]);
  const header = ["nr", "name", "half", "support", "note"];
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padStart(widths[0]) : cell.padEnd(widths[i]))).join("  ");
  return `${[header, ...rows].map((row) => line(row).trimEnd()).join("\n")}\n${summary()}\n`;
}

function summary(): string {
  const count = (kind: Status["kind"]) => SYSCALLS.filter((call) => call?.status.kind === kind).length;
  return `${count("full")} supported, ${count("partly")} partly, ${count("no")} not (ENOSYS)`;
}

function markdown(): string {
  const rows = SYSCALLS.filter(Boolean).map(
    (call) => `| ${call.nr} | \`${call.name}(${signature(call)})\` | ${support(call.status)} | ${note(call.status)} |`,
  );
  return `| nr | call | support | note |\n| ---: | --- | --- | --- |\n${rows.join("\n")}\n`;
}

function json(): string {
  const list = SYSCALLS.filter(Boolean).map(({ nr, name, args, half, status }) => ({
    nr,
    name,
    args: args.map(({ type, name, direction }) => ({ type, name, direction })),
    half,
    support: support(status),
    note: note(status),
  }));
  return `${JSON.stringify(list, null, 2)}\n`;
}

export async function listSyscalls(flags: { json?: boolean; markdown?: boolean }): Promise<number> {
  await printReport(flags.json ? json() : flags.markdown ? markdown() : table());
  return 0;
}
