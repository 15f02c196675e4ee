/** The step to the next stage: what the evidence says of it now, and taking it if it is earned. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, got } from "@/api/client";
import { useCommand } from "@/api/command";
import { asApiError } from "@/api/problem";
import { type Stage, StageBadge } from "@/parts/badges";
import { Dialog } from "@/parts/Dialog";
import { Icon } from "@/parts/Icon";
import { Skeleton } from "@/parts/Skeleton";
import { RuleList } from "../detail/Rules";
import { type Configuration, promotion } from "../queries";
import { nameOf, nextStage } from "../rows";
import { Problem } from "./Problem";
import { stepOf } from "./step";

type Props = { configuration: Configuration; onClose: () => void };

export function Promote({ configuration, onClose }: Props) {
  const { t } = useTranslation("configurations");
  const to = nextStage(configuration.lifecycle_stage as Stage) ?? "VALIDATION";
  const asked = useQuery(promotion(configuration.id, to));
  const name = nameOf(configuration);
  const take = useCommand({
    run: () =>
      got(
        api.POST("/api/v1/training/configurations/{configuration_id}/promote", {
          params: { path: { configuration_id: configuration.id } },
          body: { to, dry_run: false },
        }),
      ),
    touches: ["configurations", "evidence"],
    done: () => t("promote.done", { name, stage: to }),
  });
  const step = asked.data && stepOf(asked.data);
  return (
    <Dialog open look="wide" onClose={onClose} title={t("promote.title", { name, stage: to })}>
      {asked.isPending && (
        <div role="status">
          <p className="t2">{t("promote.judging")}</p>
          <Skeleton family="table" rows={6} />
        </div>
      )}
      {asked.error && <Problem error={asApiError(asked.error)} />}
      {asked.data && step && (
        <>
          <p className="row flex-wrap" role="status">
            <Icon
              name={step.kind === "refused" ? "bad" : "good"}
              className={step.kind === "refused" ? "neg" : "pos"}
            />
            <StageBadge stage={asked.data.stage_from as Stage} />
            <b>
              {t(`promote.${step.kind}`, { count: step.required, failed: step.failed, stage: to })}
            </b>
          </p>
          {step.kind === "sealed" && <p className="warn xs">{t("promote.holdOut")}</p>}
          <div
            className="panel scroll-y"
            style={{ maxHeight: "52vh" }}
            tabIndex={0}
            role="group"
            aria-label={t("rules.title")}
          >
            <RuleList rules={asked.data.evidence} />
          </div>
        </>
      )}
      {take.error && <Problem error={take.error} />}
      <div className="acts">
        <button type="button" className="btn" onClick={onClose}>
          {t(step?.kind === "refused" ? "close" : "cancel")}
        </button>
        {step && step.kind !== "refused" && (
          <button
            type="button"
            className="btn primary"
            disabled={take.isPending}
            onClick={() => take.mutate(undefined, { onSuccess: onClose })}
          >
            {take.isPending
              ? t("promote.deciding")
              : t(step.kind === "sealed" ? "promote.open" : "promote.verb", { stage: to })}
          </button>
        )}
      </div>
    </Dialog>
  );
}
