/** A number with its label, one line of meaning, and a spark line or a meter. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { moment, zoneName } from "@/format";
import { useAge } from "./freshness";
import { Arrow, Icon } from "./Icon";
import { Meter, type MeterProps } from "./Meter";
import { type Asked, StaleChip } from "./Panel";
import { Block } from "./Skeleton";
import { useSlow } from "./slow";

type Props = {
  label: string;
  value: ReactNode;
  /** Of a result: its colour, and an arrow before it. */
  tone?: "pos" | "neg" | "";
  arrow?: boolean;
  sub?: ReactNode;
  figure?: ReactNode;
  meter?: MeterProps;
  query?: Asked;
  empty?: { text: ReactNode; action?: ReactNode } | false | null;
  asOf?: number | null;
  oldestMs?: number;
  wide?: boolean;
};

export function Tile(props: Props) {
  const { t } = useTranslation("parts");
  const { query } = props;
  const isPending = query?.isPending ?? false;
  const isSlow = useSlow(isPending);
  const age = useAge(props.asOf, props.oldestMs);
  const failed = query?.error != null && query.data === undefined;
  const wide = props.wide ? "wide" : "";
  if (failed) {
    return (
      <section className={`panel tile iser ${wide}`} role="alert">
        <span className="lab">{props.label}</span>
        <span className="val t3 row">
          <Icon name="warn" className="crit" />
          {t("error.notReadShort")}
        </span>
        <span className="sub">
          {t("error.goesOn")}{" "}
          <button type="button" className="lnk" onClick={() => query.refetch()}>
            {t("error.again")}
          </button>
        </span>
      </section>
    );
  }
  if (isPending) {
    return (
      <section className={`panel tile ${wide}`} aria-busy="true">
        <span className="lab">{props.label}</span>
        <span className="val">{isSlow && <Block width={118} height={20} />}</span>
        <span className="sub">{isSlow && <Block width={150} height={10} />}</span>
      </section>
    );
  }
  if (props.empty) {
    return (
      <section className={`panel tile ${wide}`}>
        <span className="lab">{props.label}</span>
        <span className="val t3">{props.empty.text}</span>
        <span className="sub">{props.empty.action}</span>
      </section>
    );
  }
  return (
    <section className={`panel tile ${age.isStale ? "isst" : ""} ${wide}`}>
      <span className="lab">
        {props.label}
        {age.isStale && (
          <span className="sp">
            <StaleChip ageMs={age.ageMs} />
          </span>
        )}
      </span>
      <span className={`val ${props.tone ?? ""} ${props.arrow ? "row" : ""}`}>
        {props.arrow && props.tone && <Arrow up={props.tone === "pos"} size={11} />}
        {props.value}
      </span>
      {props.figure && <span className="fig">{props.figure}</span>}
      {props.meter && (
        <div className="meterbox">
          <Meter {...props.meter} />
        </div>
      )}
      <span className="sub">
        {age.isStale
          ? t("stale.asOf", {
              time: `${moment(props.asOf ?? Date.now() - age.ageMs)} ${zoneName()}`,
            })
          : props.sub}
      </span>
    </section>
  );
}
