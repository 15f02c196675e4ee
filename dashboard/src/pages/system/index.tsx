/** How the house is doing: API, database, every engine over it, its feeds and connections. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PageHead } from "@/app/PageHead";
import { count, duration } from "@/format";
import { useNow } from "@/parts/freshness";
import { Segments } from "@/parts/Segments";
import { Tile } from "@/parts/Tile";
import { Charts } from "./Charts";
import { Engines } from "./Engines";
import { Feeds } from "./Feeds";
import { systemHistory, systemNow } from "./query";

const SPANS = ["1", "6", "24"] as const;
type Span = (typeof SPANS)[number];

export default function System() {
  const { t } = useTranslation("system");
  const [span, setSpan] = useState<Span>("1");
  const asked = useQuery(systemNow());
  const history = useQuery(systemHistory(Number(span)));
  const now = useNow(5000);
  const told = asked.data;
  return (
    <>
      <PageHead title={t("title")}>
        <span className="t3 xs only-d">{told && t("version", { version: told.version })}</span>
        <span className="sp" />
        <Segments<Span>
          label={t("span")}
          value={span}
          onChange={setSpan}
          options={SPANS.map((value) => ({ value, label: t("hours", { n: value }) }))}
        />
      </PageHead>
      <div className="g tiles">
        <Tile
          label={t("tile.up")}
          query={asked}
          value={told && duration(now - told.started_at)}
          sub={told && t("tile.upSub", { memory: count(told.memory_mib) })}
        />
        <Tile
          label={t("tile.engines")}
          query={asked}
          value={told?.engines.length}
          empty={told?.engines.length === 0 && { text: t("tile.noEngine") }}
          sub={told && t("tile.enginesSub", { running: told.running })}
        />
        <Tile
          label={t("tile.events")}
          query={asked}
          value={told && count(told.events_last_minute)}
          sub={told && t("tile.eventsSub", { last: count(told.last_event) })}
        />
        <Tile
          label={t("tile.streams")}
          query={asked}
          value={told?.streams}
          sub={t("tile.streamsSub")}
        />
        <Tile
          label={t("tile.database")}
          query={asked}
          value={
            told && (told.database_mib === null ? told.database : `${count(told.database_mib)} MiB`)
          }
          sub={told && t("tile.databaseSub", { kind: told.database, free: count(told.free_mib) })}
        />
      </div>
      <div className="g side-384 mt">
        <Charts query={history} />
        <Engines query={asked} />
      </div>
      <div className="mt">
        <Feeds query={asked} />
      </div>
    </>
  );
}
