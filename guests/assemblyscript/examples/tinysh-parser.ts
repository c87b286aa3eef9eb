// tinysh's grammar: from a text to a tree. Words keep their quotes; they are expanded when a command runs.

export enum Kind {
  Simple,
  Pipeline,
  Not,
  And,
  Or,
  Background,
  List,
  Subshell,
  Group,
  If,
  While,
  For,
}

export class Redirection {
  constructor(
    readonly fd: i32,
    /** "<", ">", ">>", "<&" or ">&". */
    readonly operator: string,
    readonly word: string,
  ) {}
}

export class Node {
  words: string[] = [];
  redirections: Redirection[] = [];
  children: Node[] = [];
  /** `until` is a `while` whose condition is the other way round. */
  inverted: bool = false;
  /** Of the root: what is wrong with the text, "" if nothing is. */
  error: string = "";

  constructor(readonly kind: Kind) {}
}

/** The tree of a text. */
export function parse(text: string): Node {
  const parser = new Parser(text);
  const root = parser.list();
  if (parser.error.length == 0 && parser.token.length > 0) parser.unexpected();
  root.error = parser.error;
  return root;
}

/** Whether a text is a variable's name. */
export function isName(text: string): bool {
  if (text.length == 0) return false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    const letter = (c | 32) >= 97 && (c | 32) <= 122;
    if (!letter && c != 95 && !(i > 0 && c >= 48 && c <= 57)) return false;
  }
  return true;
}

const OPERATORS = "|&;()<>\n";
/** Words that end a list. */
const CLOSERS: string[] = ["then", "elif", "else", "fi", "do", "done", "}"];

class Parser {
  /** The token at hand: an operator, "\n", or a word; "" at the end. */
  token: string = "";
  error: string = "";
  private at: i32 = 0;
  private isWord: bool = false;
  /** A number stands right before the `<` or `>` at hand. */
  private fd: i32 = -1;

  constructor(private readonly text: string) {
    this.advance();
  }

  unexpected(): void {
    if (this.error.length > 0) return;
    const what = this.token.length == 0 ? "end of file" : this.token == "\n" ? "newline" : `"${this.token}"`;
    this.error = `Syntax error: ${what} unexpected`;
  }

  /** Commands up to a word or an operator that ends them. */
  list(): Node {
    const node = new Node(Kind.List);
    while (this.error.length == 0) {
      this.newlines();
      if (this.token.length == 0 || this.token == ")" || (this.isWord && CLOSERS.includes(this.token))) break;
      let command = this.andOr();
      if (this.token == "&") command = wrap(Kind.Background, command, null);
      node.children.push(command);
      if (this.token == ";" || this.token == "&" || this.token == "\n") this.advance();
      else break;
    }
    return node;
  }

  private andOr(): Node {
    let left = this.pipeline();
    while (this.token == "&&" || this.token == "||") {
      const kind = this.token == "&&" ? Kind.And : Kind.Or;
      this.advance();
      this.newlines();
      left = wrap(kind, left, this.pipeline());
    }
    return left;
  }

  private pipeline(): Node {
    const negated = this.skip("!");
    let node = this.command();
    if (this.token == "|") {
      node = wrap(Kind.Pipeline, node, null);
      while (this.skip("|")) {
        this.newlines();
        node.children.push(this.command());
      }
    }
    return negated ? wrap(Kind.Not, node, null) : node;
  }

  private command(): Node {
    let node: Node;
    if (this.skip("(")) {
      node = new Node(Kind.Subshell);
      this.body(node, ")");
    } else if (this.isWord && this.token == "{") {
      this.advance();
      node = new Node(Kind.Group);
      this.body(node, "}");
    } else if (this.isWord && this.token == "if") {
      node = this.conditional();
    } else if (this.isWord && (this.token == "while" || this.token == "until")) {
      node = new Node(Kind.While);
      node.inverted = this.token == "until";
      this.advance();
      this.body(node, "do");
      this.body(node, "done");
    } else if (this.isWord && this.token == "for") {
      node = this.loop();
    } else {
      return this.simple();
    }
    while (this.token.startsWith("<") || this.token.startsWith(">")) node.redirections.push(this.redirection());
    return node;
  }

  private conditional(): Node {
    const node = new Node(Kind.If);
    do {
      this.advance();
      this.body(node, "then");
      node.children.push(this.list());
    } while (this.isWord && this.token == "elif");
    if (this.isWord && this.token == "else") {
      this.advance();
      node.children.push(this.list());
    }
    this.expect("fi");
    return node;
  }

  private loop(): Node {
    const node = new Node(Kind.For);
    this.advance();
    if (!isName(this.token)) this.unexpected();
    node.words.push(this.token);
    this.advance();
    this.newlines();
    if (this.isWord && this.token == "in") {
      for (this.advance(); this.isWord; this.advance()) node.words.push(this.token);
    } else {
      node.words.push('"$@"');
    }
    if (this.token == ";") this.advance();
    this.newlines();
    this.expect("do");
    this.body(node, "done");
    return node;
  }

  private simple(): Node {
    const node = new Node(Kind.Simple);
    while (this.error.length == 0) {
      if (this.isWord) {
        node.words.push(this.token);
        this.advance();
      } else if (this.token.startsWith("<") || this.token.startsWith(">")) {
        node.redirections.push(this.redirection());
      } else {
        break;
      }
    }
    if (node.words.length == 0 && node.redirections.length == 0) this.unexpected();
    return node;
  }

  private redirection(): Redirection {
    const operator = this.token;
    const fd = this.fd >= 0 ? this.fd : operator.startsWith("<") ? 0 : 1;
    this.advance();
    if (!this.isWord) this.unexpected();
    const redirection = new Redirection(fd, operator, this.token);
    this.advance();
    return redirection;
  }

  /** A list as a child, and the word that ends it. */
  private body(node: Node, end: string): void {
    node.children.push(this.list());
    this.expect(end);
  }

  private expect(token: string): void {
    if (!this.skip(token)) this.unexpected();
  }

  private skip(token: string): bool {
    if (this.token != token) return false;
    this.advance();
    return true;
  }

  private newlines(): void {
    while (this.token == "\n") this.advance();
  }

  // ---- tokens

  private advance(): void {
    const text = this.text;
    this.fd = -1;
    this.isWord = false;
    while (this.blank()) this.at++;
    if (text.charAt(this.at) == "#") while (this.at < text.length && text.charAt(this.at) != "\n") this.at++;
    const start = this.at;
    const c = text.charAt(start);
    if (c.length == 0) {
      this.token = "";
    } else if (OPERATORS.includes(c)) {
      const two = text.substring(start, start + 2);
      const double = two == "&&" || two == "||" || two == ">>" || two == ">&" || two == "<&";
      this.at += double ? 2 : 1;
      this.token = double ? two : c;
    } else {
      this.word();
      this.token = text.substring(start, this.at);
      const next = text.charAt(this.at);
      if ((next == "<" || next == ">") && this.token.length == 1 && c >= "0" && c <= "9") {
        this.advance();
        this.fd = c.charCodeAt(0) - 48;
      } else {
        this.isWord = true;
      }
    }
  }

  private blank(): bool {
    const c = this.text.charAt(this.at);
    if (c == "\\" && this.text.charAt(this.at + 1) == "\n") {
      this.at++;
      return true;
    }
    return c == " " || c == "\t";
  }

  /** Passes over a word, with what is quoted in it. */
  private word(): void {
    const text = this.text;
    let quoted = false;
    for (; this.at < text.length; this.at++) {
      const c = text.charAt(this.at);
      if (!quoted && (c == " " || c == "\t" || OPERATORS.includes(c))) return;
      if (c == '"') quoted = !quoted;
      else if (c == "\\") this.at++;
      else if (c == "'" && !quoted) this.pass("'");
      else if (c == "$" && text.charAt(this.at + 1) == "{") this.pass("}");
      else if (c == "$" && text.charAt(this.at + 1) == "(") this.parenthesis();
    }
    this.at = min(this.at, text.length);
    if (quoted && this.error.length == 0) this.error = "Syntax error: Unterminated quoted string";
  }

  /** Goes to the next `end`. */
  private pass(end: string): void {
    const found = this.text.indexOf(end, this.at + 1);
    if (found < 0 && this.error.length == 0) this.error = "Syntax error: Unterminated quoted string";
    this.at = found < 0 ? this.text.length : found;
  }

  /** From the `$` of a `$(` to its `)`. */
  private parenthesis(): void {
    let depth = 0;
    for (; this.at < this.text.length; this.at++) {
      const c = this.text.charAt(this.at);
      if (c == "\\") this.at++;
      else if (c == "'") this.pass("'");
      else if (c == "(") depth++;
      else if (c == ")" && --depth == 0) return;
    }
    this.unexpected();
  }
}

function wrap(kind: Kind, first: Node, second: Node | null): Node {
  const node = new Node(kind);
  node.children.push(first);
  if (second !== null) node.children.push(second);
  return node;
}
