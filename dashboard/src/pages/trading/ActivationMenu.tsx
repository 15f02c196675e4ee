/** Pauses, resumes or flattens what trades on the wallet, one activation at a time. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, got } from "@/api/client";
import { useCommand } from "@/api/command";
import { type Named, useConfigurations } from "@/api/names";
import { activations } from "@/api/queries";
import type { Wallet } from "@/app/scope";
import { confirm } from "@/parts/confirm";
import { Icon } from "@/parts/Icon";
import { Menu, type MenuItem } from "@/parts/Menu";
import { modeOf } from "./asking";

type Deed = "pause" | "resume" | "flatten";

export function ActivationMenu({ wallet }: { wallet: Wallet | null }) {
  const { t } = useTranslation("trading");
  const names = useConfigurations();
  const running = useQuery({
    ...activations({ wallet_id: wallet?.id ?? "", is_running: true }),
    enabled: wallet !== null,
  });
  const command = useCommand({
    run: ({ id, deed }: { id: string; deed: Deed }, key) => {
      const params = { path: { activation_id: id }, header: { "idempotency-key": key } };
      if (deed === "pause")
        return got(api.POST("/api/v1/activations/{activation_id}/pause", { params }));
      if (deed === "resume")
        return got(api.POST("/api/v1/activations/{activation_id}/resume", { params }));
      return got(api.POST("/api/v1/activations/{activation_id}/flatten", { params }));
    },
    touches: ["activations", "overview", "positions"],
    done: (_, { deed }) => t(`activation.done.${deed}`),
  });
  const ask = async (id: string, name: string, deed: Deed) => {
    const isMeant = await confirm({
      mode: modeOf(wallet),
      always: deed === "flatten",
      title: t(`activation.titles.${deed}`, { name }),
      text: t(`activation.texts.${deed}`),
      name,
      verb: t(`activation.verbs.${deed}`),
    });
    if (isMeant) command.mutate({ id, deed });
  };
  const items = (running.data ?? []).flatMap((one, index): MenuItem[] => {
    const name = nameOf(names.get(one.configuration_id));
    const held = one.blocked !== null;
    const deed = held ? "resume" : "pause";
    return [
      ...(index > 0 ? (["line"] as const) : []),
      {
        label: t(`activation.titles.${deed}`, { name }),
        icon: held ? "play" : "pause",
        run: () => void ask(one.id, name, deed),
      },
      {
        label: t("activation.titles.flatten", { name }),
        icon: "close",
        danger: true,
        run: () => void ask(one.id, name, "flatten"),
      },
    ];
  });
  if (items.length === 0) return null;
  return (
    <Menu label={t("activation.label")} items={items}>
      <button type="button" className="btn">
        <Icon name="pause" size="s" />
        {t("activation.open")}
        <Icon name="down" size="xs" />
      </button>
    </Menu>
  );
}

const nameOf = (of: Named | undefined) => (of ? `${of.strategy_name} ${of.pair}` : "–");
