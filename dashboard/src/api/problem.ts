/** What went wrong with a call: the server's problem+json, or that there was no answer at all. */
export type Problem = {
  status: number;
  code: string;
  title?: string;
  detail?: string;
  expected?: string | null;
  found?: string | null;
  hint?: string | null;
};

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly problem: Problem;
  readonly requestId: string | null;

  constructor(problem: Problem, requestId: string | null = null) {
    super(problem.detail ?? problem.title ?? problem.code);
    this.name = "ApiError";
    this.problem = problem;
    this.status = problem.status;
    this.code = problem.code;
    this.requestId = requestId;
  }
}

/** Of anything thrown by a call, an `ApiError`: without an answer its code is `unreachable`. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new ApiError({ status: 0, code: "unreachable", detail });
}

export function problemOf(body: unknown, response: Response): ApiError {
  const given = typeof body === "object" && body !== null ? (body as Partial<Problem>) : {};
  return new ApiError(
    {
      ...given,
      status: given.status ?? response.status,
      code: given.code ?? `http_${response.status}`,
      detail: given.detail ?? response.statusText,
    },
    response.headers.get("x-request-id"),
  );
}
