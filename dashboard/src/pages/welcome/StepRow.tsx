import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type PageId, pageById } from "@/app/pages";
import { Icon, type IconName } from "@/parts/Icon";
import type { Step, StepId, StepState } from "./steps";

/** Where each step is done. */
const PLACES: Record<StepId, PageId> = {
  bars: "markets",
  training: "studio",
  configuration: "configurations",
  wallet: "exchanges",
  activation: "configurations",
  trade: "trading",
};
/** What does the same from a terminal, where there is no page for it. */
const COMMANDS: Partial<Record<StepId, string>> = {
  bars: "tradepulse data import --bundled",
  training: "tradepulse train ema_cross --pairs BTC/USDT",
};
const LOOK: Record<StepState, [IconName, string]> = {
  done: ["good", "pos"],
  waiting: ["clock", "t2"],
  failed: ["bad", "neg"],
  todo: ["octagon", "t3"],
  unknown: ["info", "t3"],
};

type Props = { step: Step; number: number; isNext: boolean; about: Step["about"] };

export function StepRow({ step, number, isNext, about }: Props) {
  const { t } = useTranslation("welcome");
  const { id, state } = step;
  const [icon, tone] = LOOK[state];
  const place = pageById(PLACES[id]);
  const command = state === "done" ? undefined : COMMANDS[id];
  return (
    <li
      className="grid grid-cols-[20px_minmax(0,1fr)] gap-x-3 gap-y-1 border-t border-border px-3 py-4 first:border-t-0"
      aria-current={isNext ? "step" : undefined}
    >
      <Icon name={icon} className={`${tone} self-center`} label={t(`state.${state}`)} />
      <div className="row min-h-(--control-h) flex-wrap">
        <h2 className="text-md font-semibold">
          {number}. {t(`${id}.title`)}
        </h2>
        {place && (
          <Link className={`btn sp ${isNext ? "primary" : ""}`} to={place.path}>
            {t(`${id}.go`)}
          </Link>
        )}
      </div>
      <p className="t2 col-start-2">{t(`${id}.means`)}</p>
      <p className={`col-start-2 ${state === "failed" ? "neg" : state === "done" ? "" : "t3"}`}>
        {t(state === "unknown" ? "unknown" : `${id}.${step.told}`, about)}
      </p>
      {command && (id === "bars" || place === undefined) && (
        <p className="t3 xs col-start-2">
          {t("terminal")} <code className="mono">{command}</code>
        </p>
      )}
    </li>
  );
}
