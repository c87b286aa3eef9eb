export function freshBundle(): string | null;
