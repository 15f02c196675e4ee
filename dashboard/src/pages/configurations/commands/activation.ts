/** What an activation would be, what speaks against it, and what it would get: before it is sent. */
import type { Shapes } from "@/api/client";
import { toNumber } from "@/format";
import type { Mode } from "@/parts/badges";
import type { Configuration } from "../queries";
import type { Active } from "../rows";

export type Wallet = Shapes["WalletShape"];
export type Connection = Shapes["ConnectionShape"];
export type PaperFeed = "live" | "sandbox" | "replay";

export type Given = {
  mode: Mode;
  walletId: string;
  feed: PaperFeed;
  allotment: string;
  /** First day of a replay, as a date field writes it. */
  from: string;
};

/** Real money on what is not MATURE: this share of the wallet, and never more than so much. */
const LIVE_SHARE = 0.02;
const LIVE_MOST = 100;
/** The word the server asks for then. */
export const LIVE_WORD = "LIVE";

/** "BTC/USDT:USDT" is settled in what stands behind the colon. */
export function quoteOf(pair: string): string {
  const [market, settle] = pair.split(":");
  return settle ?? market?.split("/")[1] ?? "";
}
const marketOf = (pair: string) => (pair.includes(":") ? "perpetual" : "spot");

export type WhyNot = "quote" | "elsewhere" | "running" | "taken" | "full";

/** Why a wallet cannot take the configuration; null where it can. */
export function whyNot(
  configuration: Configuration,
  wallet: Wallet,
  connections: Connection[],
  active: Active[],
): WhyNot | null {
  const { pair, exchange, id } = configuration;
  if (wallet.quote !== quoteOf(pair)) return "quote";
  const connection = connections.find((one) => one.id === wallet.connection_id);
  if (connection && (connection.exchange !== exchange || connection.market !== marketOf(pair))) {
    return "elsewhere";
  }
  const here = active.filter((one) => one.activation.wallet_id === wallet.id);
  if (here.some((one) => one.configuration.id === id)) return "running";
  if (wallet.mode !== "paper" && here.some((one) => one.configuration.pair === pair)) {
    return "taken";
  }
  return leftOf(wallet) > 0 ? null : "full";
}

/** What of the wallet nobody else holds. */
export function leftOf(wallet: Wallet): number {
  return Number(wallet.balance) - Number(wallet.allotted ?? 0);
}

/** The most real money it may be given before it has proven itself; null without such a cap. */
export function capOf(stage: string, wallet: Wallet): number | null {
  if (wallet.mode !== "live" || stage === "MATURE") return null;
  return Math.min(Number(wallet.balance) * LIVE_SHARE, LIVE_MOST);
}

/** What it gets where nothing is asked for: as the server reckons it. */
export function usualAllotment(configuration: Configuration, wallet: Wallet): number {
  const asked = configuration.rules.initial_cash;
  const amounts = [
    leftOf(wallet),
    typeof asked === "number" ? asked : null,
    capOf(configuration.lifecycle_stage, wallet),
  ];
  return Math.min(...amounts.filter((one) => one !== null));
}

export type Warning = {
  code:
    | "amount"
    | "tooMuch"
    | "overCap"
    | "ended"
    | "refused"
    | "admin"
    | "unchecked"
    | "faulty"
    | "capped"
    | "unproven"
    | "watch"
    | "noEvidence";
  /** It would be refused: the button says so. */
  stops: boolean;
};

type Asked = {
  given: Given;
  configuration: Configuration;
  wallet: Wallet;
  connection: Connection | undefined;
  isAdmin: boolean;
};

/** What speaks against it, the gravest first. */
export function warningsOf(asked: Asked): Warning[] {
  return [...amountWarnings(asked), ...stageWarnings(asked), ...placeWarnings(asked)].sort(
    (a, b) => Number(b.stops) - Number(a.stops),
  );
}

const stop = (code: Warning["code"]): Warning => ({ code, stops: true });
const note = (code: Warning["code"]): Warning => ({ code, stops: false });

function* amountWarnings({ given, configuration, wallet }: Asked): Generator<Warning> {
  if (given.allotment.trim() === "") return;
  const amount = toNumber(given.allotment);
  const cap = capOf(configuration.lifecycle_stage, wallet);
  if (amount === null || amount <= 0) yield stop("amount");
  else if (amount > leftOf(wallet)) yield stop("tooMuch");
  // The cap ends with thirty live trades, which only the server has counted.
  else if (cap !== null && amount > cap) yield note("overCap");
}

function* stageWarnings({ given, configuration, isAdmin }: Asked): Generator<Warning> {
  const stage = configuration.lifecycle_stage;
  const isLive = given.mode === "live";
  if (stage === "DECAYED" || stage === "RETIRED") yield isLive ? stop("refused") : note("ended");
  else if (stage !== "MATURE" && isLive) {
    if (stage === "DISCOVERY" && !isAdmin) yield stop("admin");
    yield note("capped");
  }
  if (stage === "DISCOVERY") yield note("unproven");
  if (stage === "WATCH") yield note("watch");
}

function* placeWarnings({ given, connection }: Asked): Generator<Warning> {
  if (connection?.fault) yield given.mode === "live" ? stop("faulty") : note("faulty");
  else if (connection && connection.checked_at === null && given.mode === "live") {
    yield stop("unchecked");
  }
  const isReal = given.mode === "paper" ? given.feed === "live" : connection?.base_url == null;
  if (!isReal) yield note("noEvidence");
}

/** The feed a paper run begins with: the exchange's own prices, or where there is only a sandbox, its. */
export function usualFeed(exchange: string, connections: Connection[]): PaperFeed {
  return sandboxOf(exchange, connections) && !connections.some((one) => one.base_url === null)
    ? "sandbox"
    : "live";
}

export function sandboxOf(exchange: string, connections: Connection[]): Connection | undefined {
  return connections.find((one) => one.base_url !== null && one.exchange === exchange);
}

/** The body of the command. */
export function bodyOf(given: Given, stage: string): Shapes["ActivateBody"] {
  const isReplay = given.mode === "paper" && given.feed === "replay";
  return {
    wallet_id: given.walletId,
    mode: given.mode,
    ...(given.mode === "paper" && { feed: given.feed }),
    ...(given.allotment.trim() !== "" && { allotment: given.allotment.trim() }),
    ...(isReplay && given.from !== "" && { session_start: Date.parse(given.from) }),
    ...(given.mode === "live" && stage !== "MATURE" && { confirm: LIVE_WORD }),
  };
}
