/** A started row program: it is sent counts, a line each, and answers with nanoseconds (rows/bench.h). */

/** How long a program may take for an answer, in ms. */
const PATIENCE = 60_000;

/** What is needed of a process on either side. */
export interface RowProcess {
  readonly output: AsyncIterable<Uint8Array>;
  /** All that it wrote to standard error; resolves when it has ended. */
  readonly complaint: Promise<string>;
  /** How it ended: "status 1", "SIGSEGV". */
  readonly end: Promise<string>;
  write(text: string): Promise<void>;
  /** Ends its standard input. */
  close(): void;
  kill(): void;
}

export class Subject {
  readonly #process: RowProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(process: RowProcess) {
    this.#process = process;
    this.#lines = lines(process.output);
  }

  /** Waits until the program has set itself up. */
  static async start(process: RowProcess): Promise<Subject> {
    const subject = new Subject(process);
    const first = await subject.#answer();
    if (first !== "ready") throw new Error(`the program said "${first}" in place of "ready"`);
    return subject;
  }

  /** Nanoseconds that `count` iterations take. */
  async run(count: number): Promise<number> {
    await this.#process.write(`${count}\n`);
    const answer = await this.#answer();
    if (!/^\d+$/.test(answer)) throw new Error(`the program said "${answer}" in place of a time`);
    return Number(answer);
  }

  /** Lets it end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.close();
    await withPatience(this.#process.end, () => this.#process.kill()).catch(() => {});
  }

  async #answer(): Promise<string> {
    const next = this.#lines.next();
    const { value, done } = await withPatience(next, () => this.#process.kill());
    if (!done) return value;
    const [complaint, end] = await Promise.all([this.#process.complaint, this.#process.end]);
    throw new Error(complaint.trim().replaceAll(/\s*\n\s*/g, "; ") || `the program ended: ${end}`);
  }
}

async function withPatience<T>(promise: Promise<T>, giveUp: () => void): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      giveUp();
      reject(new Error(`no answer for ${PATIENCE / 1000} s`));
    }, PATIENCE);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
}
