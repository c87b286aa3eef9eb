export function freshBundle(): URL | null;
