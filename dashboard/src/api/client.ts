/** The typed client: paths and bodies from the server's own OpenAPI document. */
import createClient, { type Middleware } from "openapi-fetch";
import { ApiError, problemOf } from "./problem";
import type { components, paths } from "./schema";
import { accessToken, isDue, renewOrLeave } from "./token";

export type Shapes = components["schemas"];

const again = new WeakMap<Request, Request>();

const authorised: Middleware = {
  async onRequest({ request }) {
    if (isDue()) await renewOrLeave();
    const token = accessToken();
    if (token !== null) {
      request.headers.set("authorization", `Bearer ${token}`);
      // A body can be read once: a copy is needed to send it a second time.
      again.set(request, request.clone());
    }
    return request;
  },
  async onResponse({ request, response }) {
    const copy = again.get(request);
    if (response.status !== 401 || copy === undefined || !(await renewOrLeave())) return response;
    copy.headers.set("authorization", `Bearer ${accessToken()}`);
    return fetch(copy);
  },
};

export const api = createClient<paths>({
  baseUrl: typeof location === "undefined" ? "http://localhost" : location.origin,
  fetch: (request) => globalThis.fetch(request),
});
api.use(authorised);

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The body of a good answer; otherwise an `ApiError` is thrown. */
export async function got<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked;
  if (error !== undefined || !response.ok) throw problemOf(error, response);
  return data as T;
}

/**
 * A call by its path, for what the description does not type: `send("POST", "/api/auth/login", …)`.
 * Answers the body, or null where there is none.
 */
export async function send<T>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  const attempt = () => {
    const token = accessToken();
    return fetch(path, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  };
  if (isDue()) await renewOrLeave();
  let response = await attempt();
  if (response.status === 401 && accessToken() !== null && (await renewOrLeave())) {
    response = await attempt();
  }
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) throw problemOf(answer, response);
  return answer as T;
}

/** A new key for a command: sent again with the same key it is not done twice. */
export function commandKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export { ApiError };
