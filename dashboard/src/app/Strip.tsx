/** The strip over every page: what is at stake, how the machine is, and the way to stop it. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { activations, overview, systemNow } from "@/api/queries";
import { clock, duration, signedMoney, signedPercent, toNumber, tone, zoneName } from "@/format";
import { ModeBadge } from "@/parts/badges";
import { useAge, useNow } from "@/parts/freshness";
import { Arrow, Icon } from "@/parts/Icon";
import { Menu } from "@/parts/Menu";
import { useLook } from "./look";
import { open } from "./open";
import { chooseWallet, useScope } from "./scope";
import { useMay } from "./session";

export function Strip() {
  const { t } = useTranslation("frame");
  const { isStale } = useAge();
  const mayKill = useMay("operator");
  return (
    <div className={`strip ${isStale ? "off" : ""}`} role="region" aria-label={t("strip.label")}>
      <WalletCell />
      <EngineCell />
      <FeedCell />
      <TodayCell />
      <ElsewhereCell />
      <div className="sp row">
        <button
          type="button"
          className="btn ghost"
          aria-label={t("strip.search")}
          onClick={() => open("palette")}
        >
          <Icon name="search" />
          <span className="only-d p1">{t("strip.search")}</span>{" "}
          <kbd className="only-d">Ctrl K</kbd>
        </button>
        <Clock />
        {mayKill && (
          <button
            type="button"
            className="btn kill flex-none"
            aria-label={t("strip.kill")}
            onClick={() => open("kill")}
          >
            <Icon name="kill" />
            <span className="only-d">{t("strip.kill")}</span>
          </button>
        )}
      </div>
    </div>
  );
}

function WalletCell() {
  const { t } = useTranslation("frame");
  const { mode, wallet, all, isPending } = useScope();
  if (isPending) return <div className="cell" />;
  if (wallet === null) return <div className="cell t3">{t("strip.noWallet")}</div>;
  return (
    <Menu
      label={t("strip.wallets")}
      items={all.map((one) => ({
        label: `${one.mode.toUpperCase()} · ${one.name}`,
        icon: one.id === wallet.id ? ("check" as const) : undefined,
        run: () => chooseWallet(one),
      }))}
    >
      <button
        type="button"
        className="cell"
        aria-label={t("strip.wallet", { mode, name: wallet.name })}
      >
        <ModeBadge mode={mode} />
        <span className="md only-d p2">{wallet.name}</span>
      </button>
    </Menu>
  );
}

function EngineCell() {
  const { t } = useTranslation("frame");
  const asked = useQuery(systemNow());
  const running = useQuery(activations({ is_running: true }));
  const isRunning = asked.data?.engines.some((engine) => !engine.stale) ?? false;
  const word = asked.data === undefined ? "unknown" : isRunning ? "running" : "none";
  return (
    <div className="cell only-d">
      <span className={`dot ${isRunning ? "ok-dot" : "stale"}`} />
      <span className="k p1">{t("strip.engine")}</span>
      <span className="v">
        {t(`strip.engineState.${word}`, { count: running.data?.length ?? 0 })}
      </span>
    </div>
  );
}

type Feeds = { feeds?: { silent_ms: number | null }[] };
const LATE_MS = 10_000;

/** How long the quietest of all feeds has been silent. */
function FeedCell() {
  const { t } = useTranslation("frame");
  const asked = useQuery(systemNow());
  const { isStale, ageMs } = useAge();
  if (asked.data === undefined && !isStale) return null;
  const silent = (asked.data?.engines ?? [])
    .filter((engine) => !engine.stale)
    .flatMap((engine) => (engine.figures as Feeds).feeds ?? [])
    .map((feed) => feed.silent_ms ?? 0);
  const worst = silent.length === 0 ? null : Math.max(...silent);
  const isBad = isStale || (worst ?? 0) > LATE_MS;
  return (
    <div className="cell only-d">
      <span className={`dot ${isBad ? "stale" : worst === null ? "t3" : "ok-dot"}`} />
      <span className="k p1">{t("strip.feeds")}</span>
      <span className={`v ${isBad ? "stale" : ""}`}>
        {isStale ? duration(ageMs) : worst === null ? t("strip.noFeed") : duration(worst)}
      </span>
    </div>
  );
}

function TodayCell() {
  const { t } = useTranslation("frame");
  const { wallet, quote } = useScope();
  const { data } = useQuery(overview());
  const standing = data?.wallets.find((one) => one.wallet.id === wallet?.id);
  if (standing === undefined) return null;
  const colour = tone(standing.today);
  const equity = toNumber(standing.equity) ?? 0;
  const today = toNumber(standing.today) ?? 0;
  const began = equity - today;
  return (
    <div className="cell">
      <span className="k">{t("strip.today")}</span>
      <span className={`v row ${colour}`} style={{ gap: 5 }}>
        {colour && <Arrow up={colour === "pos"} />}
        {signedMoney(standing.today)} <span className="only-d p2">{quote}</span>
      </span>
      {began > 0 && <span className={`only-d p2 ${colour}`}>{signedPercent(today / began)}</span>}
    </div>
  );
}

function ElsewhereCell() {
  const { t } = useTranslation("frame");
  const { liveElsewhere } = useScope();
  if (liveElsewhere === 0) return null;
  return (
    <div className="cell">
      <span className="mode elsewhere">{t("strip.liveToo", { count: liveElsewhere })}</span>
    </div>
  );
}

/** The time, in UTC or of this machine: a click changes that for the whole page. */
function Clock() {
  const { t } = useTranslation("frame");
  const now = useNow();
  const zone = useLook((look) => look.zone);
  return (
    <button
      type="button"
      className="btn ghost only-d p1 xs"
      title={t("strip.zone")}
      onClick={() => useLook.setState({ zone: zone === "utc" ? "local" : "utc" })}
    >
      {clock(now)} {zoneName(now)}
    </button>
  );
}
