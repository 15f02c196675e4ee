import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, got, type Shapes } from "@/api/client";
import { useCommand } from "@/api/command";
import { open } from "@/app/open";
import { useMay } from "@/app/session";
import { ago, exact } from "@/format";
import type { Mode } from "@/parts/badges";
import { confirm } from "@/parts/confirm";
import { Icon, type IconName } from "@/parts/Icon";
import { type Asked, Panel } from "@/parts/Panel";

type Decision = Shapes["DecisionShape"];
type Action = Decision["actions"][number];

const LOOK: Record<string, [IconName, string]> = {
  critical: ["kill", "crit"],
  warning: ["warn", "warn"],
  info: ["info", "t3"],
};

/** What only a person can decide, of the mode in view and of no mode. */
export function Decisions({
  query,
  mode,
}: {
  query: Asked & { data?: Shapes["OverviewShape"] };
  mode: Mode;
}) {
  const { t } = useTranslation("overview");
  const items = (query.data?.decisions ?? []).filter(
    (one) => one.mode === null || one.mode === mode,
  );
  return (
    <Panel
      title={t("decisions.title")}
      meta={items.length > 0 ? items.length : null}
      query={query}
      family="tail"
      error={{ what: t("decisions.unread") }}
      empty={items.length === 0 && { text: t("decisions.empty") }}
    >
      <ul
        className="todo overflow-y-auto"
        style={{ maxHeight: 262 }}
        tabIndex={0}
        aria-label={t("decisions.title")}
      >
        {items.map((item) => {
          const [icon, tone] = LOOK[item.level] ?? ["info", "t3"];
          return (
            <li key={`${item.code}/${item.entity_id}`}>
              <Icon name={icon} className={tone} />
              <span className="md">{item.message}</span>
              <time dateTime={new Date(item.since).toISOString()} title={exact(item.since)}>
                {ago(item.since)}
              </time>
              <span className="act">
                {item.actions.map((action) => (
                  <Do key={action} action={action} item={item} />
                ))}
              </span>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

const PLACES: Partial<Record<Action, string>> = {
  reset_latch: "/risk",
  check_connection: "/exchanges",
  reconcile: "/exchanges",
  acknowledge: "/alerts",
};

function Do({ action, item }: { action: Action; item: Decision }) {
  const { t } = useTranslation("overview");
  const mayCommand = useMay("operator");
  const label = t(`decisions.do.${action}`);
  const command = useCommand({
    run: (asked: "drain" | "flatten" | "resume", key) => {
      const params = {
        path: { activation_id: item.entity_id },
        header: { "idempotency-key": key },
      };
      if (asked === "drain")
        return got(api.POST("/api/v1/activations/{activation_id}/drain", { params }));
      if (asked === "flatten")
        return got(api.POST("/api/v1/activations/{activation_id}/flatten", { params }));
      return got(api.POST("/api/v1/activations/{activation_id}/resume", { params }));
    },
    touches: ["overview", "activations", "positions"],
    done: () => t("decisions.done"),
  });

  if (action === "review_evidence" || action === "activate") {
    return (
      <Link className="lnk" to={`/configurations/${item.configuration_id ?? ""}`}>
        {label}
      </Link>
    );
  }
  const place = PLACES[action];
  if (place !== undefined) {
    return (
      <Link className="lnk" to={place}>
        {label}
      </Link>
    );
  }
  if (!mayCommand) return null;
  const run = async () => {
    if (action === "reset_kill_switch") return open("kill");
    if (action === "drain" || action === "flatten") {
      const name = item.message.split(" ")[0] ?? item.entity_id;
      const isMeant = await confirm({
        mode: item.mode ?? "paper",
        always: action === "flatten",
        title: t(`decisions.${action}Title`, { name }),
        text: t(`decisions.${action}Text`),
        name,
        verb: label,
      });
      if (isMeant) command.mutate(action);
      return;
    }
    if (action === "resume") command.mutate("resume");
  };
  return (
    <button type="button" className="lnk" disabled={command.isPending} onClick={() => void run()}>
      {label}
    </button>
  );
}
