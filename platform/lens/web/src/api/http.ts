/** Asking lens: JSON in, problems as errors that say what to do. */

export class Problem extends Error {
  override name = "Problem";

  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** lens gave no answer at all, or one that is not its own. */
export const UNREACHABLE = "unreachable";

const PATIENCE_MS = 15_000;

export function isUnreachable(error: unknown): boolean {
  return error instanceof Problem && error.reason === UNREACHABLE;
}

export function isReason(error: unknown, reason: string): boolean {
  return error instanceof Problem && error.reason === reason;
}

/** An address with those parameters that have a value; lists repeat their name. */
export function address(path: string, parameters: Record<string, Parameter> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== "") {
        query.append(name, String(one));
      }
    }
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

export type Parameter = string | number | undefined | readonly string[];

/** The JSON behind an address; throws a Problem. */
export async function getJson<T>(url: string, signal?: AbortSignal): Promise<T> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const either = signal ? AbortSignal.any([signal, patience]) : patience;
  const answer = await fetched(url, either, signal);
  const text = await answer.text();
  if (!answer.ok) {
    throw problemOf(answer.status, text);
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Problem(answer.status, UNREACHABLE, "what answers here is not lens");
  }
}

async function fetched(url: string, signal: AbortSignal, callers?: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { signal, headers: { Accept: "application/json" } });
  } catch (error) {
    if (callers?.aborted) {
      throw error;
    }
    throw new Problem(0, UNREACHABLE, "lens does not answer");
  }
}

function problemOf(status: number, text: string): Problem {
  try {
    const { detail, title, reason, error } = JSON.parse(text) as Record<string, string | undefined>;
    return new Problem(status, reason ?? String(status), detail ?? error ?? title ?? `status ${status}`);
  } catch {
    return new Problem(status, String(status), text.slice(0, 300) || `status ${status}`);
  }
}
