/** What the studio asks for. Keys begin with the resource, so that events make them old. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ApiError, api, got, type Shapes } from "@/api/client";
import { ofSurface } from "./surface";

export type Configuration = Shapes["ConfigurationShape"];
export type Strategy = Shapes["StrategyShape"];
export type StrategyDetail = Shapes["StrategyDetail"];
export type GraphNode = Shapes["NodeShape"];
export type SeriesInfo = Shapes["SeriesShape"];
export type Audit = Shapes["tradepulse__api__shapes__market__AuditShape"];
export type Job = Shapes["JobShape"];
export type Trial = Shapes["TrialShape"];
/** What the page needs of a try. */
export type Tried = Pick<Trial, "number" | "parameters" | "metrics">;
export type Verdict = Shapes["tradepulse__api__shapes__evidence__VerdictShape"];

const MOST_JOBS = 100;
const PAGE = 1000;
/** More points than that say nothing more in a picture of this size. */
export const MOST_TRIALS = 4000;

export const strategies = () =>
  queryOptions({
    queryKey: ["strategies"],
    queryFn: ({ signal }) => got(api.GET("/api/v1/strategies", { signal })),
  });

/** A strategy with the graph that `values` make; what they leave out is at its default. */
export const strategy = (name: string, values: Record<string, unknown>, interval: string) =>
  queryOptions({
    queryKey: ["strategies", name, values, interval],
    queryFn: ({ signal }) =>
      got(
        api.GET("/api/v1/strategies/{name}", {
          params: {
            path: { name },
            query: { parameters: JSON.stringify(values), interval },
          },
          signal,
        }),
      ),
    retry: false,
    placeholderData: keepPreviousData,
  });

export type Window = {
  exchange: string;
  symbol: string;
  interval: string;
  start?: string;
  end?: string;
};

export const audit = (window: Window) =>
  queryOptions({
    queryKey: ["bars", "audit", window],
    queryFn: ({ signal }) =>
      got(api.GET("/api/v1/bars/audit", { params: { query: window }, signal })),
    staleTime: 60_000,
    retry: false,
  });

export const jobs = (strategyName?: string) =>
  queryOptions({
    queryKey: ["jobs", "list", strategyName ?? null],
    queryFn: async ({ signal }) =>
      (
        await got(
          api.GET("/api/v1/training/jobs", {
            params: { query: { kind: "train", strategy: strategyName, limit: MOST_JOBS } },
            signal,
          }),
        )
      ).items,
  });

export const configurationsOf = (strategyName: string) =>
  queryOptions({
    queryKey: ["configurations", "of", strategyName],
    queryFn: async ({ signal }) =>
      (
        await got(
          api.GET("/api/v1/training/configurations", {
            params: { query: { strategy_name: strategyName, limit: MOST_JOBS } },
            signal,
          }),
        )
      ).items,
  });

export const job = (id: string) =>
  queryOptions({
    queryKey: ["jobs", "one", id],
    queryFn: ({ signal }) =>
      got(api.GET("/api/v1/training/jobs/{job_id}", { params: { path: { job_id: id } }, signal })),
  });

export const jobLog = (id: string) =>
  queryOptions({
    queryKey: ["logs", "job", id],
    queryFn: async ({ signal }) =>
      (
        await got(
          api.GET("/api/v1/training/jobs/{job_id}/logs", {
            params: { path: { job_id: id }, query: { limit: 60 } },
            signal,
          }),
        )
      ).items,
  });

/** What the search over all searched bars has tried; `known` makes the answer a new one. */
export const jobTrials = (jobId: string, known: number) =>
  queryOptions({
    queryKey: ["trials", jobId, known],
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => triesOf(jobId, signal),
  });

/** The same behind a configuration. A job is its user's own: others read what the study kept. */
export const configurationTrials = (configurationId: string) =>
  queryOptions({
    queryKey: ["configurations", configurationId, "trials"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }): Promise<Tried[]> => {
      try {
        const study = await got(
          api.GET("/api/v1/training/configurations/{configuration_id}/study", {
            params: { path: { configuration_id: configurationId } },
            signal,
          }),
        );
        return await triesOf(study.job_id, signal).catch((error) => {
          if (isMissing(error)) return ofSurface(study.document);
          throw error;
        });
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    },
  });

const isMissing = (error: unknown) => error instanceof ApiError && error.status === 404;

async function triesOf(jobId: string, signal: AbortSignal): Promise<Tried[]> {
  const found: Tried[] = [];
  for (let cursor: string | null = null; found.length < MOST_TRIALS; ) {
    const page: { items: Trial[]; next_cursor?: string | null } = await got(
      api.GET("/api/v1/training/jobs/{job_id}/trials", {
        params: {
          path: { job_id: jobId },
          query: { segment: "development", limit: PAGE, cursor },
        },
        signal,
      }),
    );
    found.push(...page.items);
    cursor = page.next_cursor ?? null;
    if (cursor === null) break;
  }
  return found;
}

export const verdict = (configurationId: string) =>
  queryOptions({
    queryKey: ["configurations", configurationId, "verdict"],
    queryFn: ({ signal }) =>
      got(
        api.GET("/api/v1/training/configurations/{configuration_id}/verdict", {
          params: { path: { configuration_id: configurationId } },
          signal,
        }),
      ),
  });

/** Null where the tries do not differ in two parameters, or are too few. */
export const heatMap = (configurationId: string, across?: string, up?: string) =>
  queryOptions({
    queryKey: ["configurations", configurationId, "heat-map", across ?? null, up ?? null],
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      try {
        return await got(
          api.GET("/api/v1/training/configurations/{configuration_id}/heat-map", {
            params: { path: { configuration_id: configurationId }, query: { across, up } },
            signal,
          }),
        );
      } catch (error) {
        if (error instanceof ApiError && error.code === "no_heat_map") return null;
        throw error;
      }
    },
  });

/** How one unit grew over the days that no search saw. */
export const outOfSample = (configurationId: string) =>
  queryOptions({
    queryKey: ["configurations", configurationId, "equity", "out-of-sample"],
    queryFn: async ({ signal }) =>
      (
        await got(
          api.GET("/api/v1/training/configurations/{configuration_id}/equity", {
            params: {
              path: { configuration_id: configurationId },
              query: { series: ["out_of_sample"], points: 600 },
            },
            signal,
          }),
        )
      ).series.find((one) => one.name === "out_of_sample") ?? null,
  });
