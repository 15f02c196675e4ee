/** From nothing to the first paper trade: six steps, each read from what there is, none invented. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useConfigurations } from "@/api/names";
import { activations } from "@/api/queries";
import { dismissFirstSteps, useFirstSteps } from "@/app/firstSteps";
import { PageHead } from "@/app/PageHead";
import { shortClock, zoneName } from "@/format";
import { intervalMs } from "@/pages/markets/intervals";
import { useNow } from "@/parts/freshness";
import { Panel } from "@/parts/Panel";
import { StepRow } from "./StepRow";
import { nextClose, nextStep, stepsOf } from "./steps";
import { useFacts } from "./useFacts";

export default function Welcome() {
  const { t } = useTranslation("welcome");
  const navigate = useNavigate();
  const { facts, queries } = useFacts();
  const { userId, isDismissed } = useFirstSteps();
  const closes = useNextClose();
  const steps = stepsOf(facts);
  const next = nextStep(steps);
  const done = steps.filter((step) => step.state === "done").length;
  const leave = () => {
    dismissFirstSteps(userId);
    void navigate({ to: "/" });
  };
  return (
    <div className="mx-auto max-w-[720px]">
      <PageHead title={t("title")}>
        {!isDismissed && (
          <button type="button" className="btn ghost sp" onClick={leave}>
            {t("dismiss")}
          </button>
        )}
      </PageHead>
      <p className="t2 mb-3">{t("intro")}</p>
      <Panel
        title={t("done", { done, all: steps.length })}
        query={queries}
        rows={6}
        family="tail"
        error={{ what: t("unread") }}
        legend={
          <div
            className="meter sp w-40"
            role="progressbar"
            aria-label={t("progress")}
            aria-valuenow={done}
            aria-valuemin={0}
            aria-valuemax={steps.length}
          >
            <i style={{ width: `${(100 * done) / steps.length}%` }} />
          </div>
        }
      >
        <ol>
          {steps.map((step, index) => (
            <StepRow
              key={step.id}
              step={step}
              number={index + 1}
              isNext={step.id === next}
              about={{ ...step.about, time: closes ?? "" }}
            />
          ))}
        </ol>
      </Panel>
      <p className="t3 xs mt-3">{t(next === null ? "allDone" : "safe")}</p>
    </div>
  );
}

/** When the bar closes that the running paper activation waits for, as it is written. */
function useNextClose(): string | null {
  const now = useNow(10_000);
  const names = useConfigurations();
  const running = useQuery(activations()).data?.find(
    (one) => one.mode === "paper" && one.state === "RUNNING" && one.feed === "live",
  );
  const interval = running && names.get(running.configuration_id)?.interval;
  if (interval === undefined) return null;
  return `${shortClock(nextClose(now, intervalMs(interval)))} ${zoneName(now)}`;
}
