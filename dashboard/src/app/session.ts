/** Who is here. The access token lives in memory; after a reload the cookie gives a new one. */
import { create } from "zustand";
import { send } from "@/api/client";
import { type Granted, keep, renew, whenLost } from "@/api/token";

export type Role = "viewer" | "operator" | "admin";
export type User = { id: string; username: string; role: Role };
type Session =
  /** `unreachable`: the server did not answer; it is asked again. */
  { state: "starting" | "out" | "unreachable"; user: null } | { state: "in"; user: User };

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };
const OUT = { state: "out", user: null } as const;

export const useSession = create<Session>(() => ({ state: "starting", user: null }));

/** Whether who is here may do what needs `role`. Nobody here may nothing. */
export function may(user: User | null, role: Role): boolean {
  return user !== null && RANK[user.role] >= RANK[role];
}

export const useMay = (role: Role): boolean => useSession((session) => may(session.user, role));

/** Goes on with the session of before, if there was one. */
export async function resume(): Promise<void> {
  whenLost(() => useSession.setState(OUT, true));
  try {
    if (await renew()) await enter();
    else useSession.setState(OUT, true);
  } catch {
    useSession.setState({ state: "unreachable", user: null }, true);
  }
}

/** Errors: `ApiError` with the server's word, such as `bad_credentials` or `too_many_attempts`. */
export async function login(username: string, password: string): Promise<void> {
  keep(await send<Granted>("POST", "/api/auth/login", { username, password }));
  await enter();
}

export async function logout(): Promise<void> {
  // Also where the server cannot be reached this browser forgets who was here.
  await send("POST", "/api/auth/logout", {}).catch(() => null);
  keep(null);
  useSession.setState(OUT, true);
}

async function enter(): Promise<void> {
  const user = await send<User>("GET", "/api/auth/me");
  useSession.setState({ state: "in", user }, true);
}
