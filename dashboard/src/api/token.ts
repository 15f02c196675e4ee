/**
 * The access token, in memory only: a script that reads the storage finds none. A reload gets a new
 * one by the refresh cookie, which no script can read.
 */
import { problemOf } from "./problem";

export type Granted = { access_token: string; expires_in: number };

let token: string | null = null;
let renewAt = 0;
let renewing: Promise<boolean> | null = null;
let onLost: () => void = () => undefined;

export const accessToken = (): string | null => token;

/** `lost` is called when the session cannot be renewed any more. */
export function whenLost(lost: () => void): void {
  onLost = lost;
}

export function keep(granted: Granted | null): void {
  token = granted?.access_token ?? null;
  // A little early, so that no request leaves with a token that expires on its way.
  renewAt = granted === null ? 0 : Date.now() + Math.max(granted.expires_in - 30, 5) * 1000;
}

export const isDue = (): boolean => token !== null && Date.now() >= renewAt;

async function askForNew(): Promise<boolean> {
  const response = await fetch("/api/auth/refresh", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  if (response.ok) {
    keep((await response.json()) as Granted);
    return true;
  }
  if (response.status >= 500) throw problemOf(await body(response), response);
  keep(null);
  return false;
}

const body = (response: Response): Promise<unknown> => response.json().catch(() => null);

/**
 * Whether there is a token after asking for a new one. Refresh tokens are used once: two tabs that
 * send the same one at the same moment would look like a thief, so they wait for each other.
 */
export function renew(): Promise<boolean> {
  const asked =
    renewing ??
    alone(askForNew).finally(() => {
      renewing = null;
    });
  renewing = asked;
  return asked;
}

async function alone(ask: () => Promise<boolean>): Promise<boolean> {
  return navigator.locks === undefined ? ask() : navigator.locks.request("tp.refresh", ask);
}

/** Renews once after a refusal; without success the session is over. */
export async function renewOrLeave(): Promise<boolean> {
  const renewed = await renew().catch(() => false);
  if (!renewed) onLost();
  return renewed;
}
