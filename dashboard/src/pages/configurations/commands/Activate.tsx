/** Sets a configuration to work: where, with how much, on whose prices; and what speaks against it. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got } from "@/api/client";
import { useCommand } from "@/api/command";
import { overview, wallets as walletList } from "@/api/queries";
import { useMay } from "@/app/session";
import { money } from "@/format";
import { MODES, ModeBadge } from "@/parts/badges";
import { confirm } from "@/parts/confirm";
import { Dialog } from "@/parts/Dialog";
import { Segments } from "@/parts/Segments";
import { connections as connectionList } from "../../exchanges/query";
import type { Configuration } from "../queries";
import { nameOf } from "../rows";
import {
  bodyOf,
  type Given,
  LIVE_WORD,
  usualAllotment,
  usualFeed,
  warningsOf,
  whyNot,
} from "./activation";
import { ConnectionCheck } from "./ConnectionCheck";
import { TOUCHES } from "./deeds";
import { Money } from "./Money";
import { Problem } from "./Problem";
import { WalletChoice } from "./WalletChoice";
import { Warnings } from "./Warnings";

type Props = { configuration: Configuration; onClose: () => void };

export function Activate({ configuration, onClose }: Props) {
  const { t } = useTranslation("configurations");
  const isAdmin = useMay("admin");
  const all = useQuery(walletList()).data ?? [];
  const connections = useQuery(connectionList()).data ?? [];
  const active = useQuery(overview()).data?.active ?? [];
  const [chosen, setChosen] = useState<Partial<Given>>({});
  const name = nameOf(configuration);
  const { lifecycle_stage: stage } = configuration;

  const candidates = all.map((wallet) => ({
    wallet,
    why: whyNot(configuration, wallet, connections, active),
  }));
  const free = candidates.filter((one) => one.why === null).map((one) => one.wallet);
  // Nobody's money at first: paper before testnet before live.
  const mode =
    chosen.mode ?? MODES.toReversed().find((m) => free.some((w) => w.mode === m)) ?? "paper";
  const ofMode = candidates.filter((one) => one.wallet.mode === mode);
  const wallet =
    free.find((one) => one.id === chosen.walletId && one.mode === mode) ??
    free.find((one) => one.mode === mode);
  const given: Given = {
    mode,
    walletId: wallet?.id ?? "",
    feed: chosen.feed ?? usualFeed(configuration.exchange, connections),
    allotment: chosen.allotment ?? "",
    from: chosen.from ?? "",
  };
  const set = (change: Partial<Given>) => setChosen({ ...chosen, ...change });
  const connection = connections.find((one) => one.id === wallet?.connection_id);
  const warnings = wallet ? warningsOf({ given, configuration, wallet, connection, isAdmin }) : [];
  const amount = given.allotment || (wallet && String(usualAllotment(configuration, wallet)));

  const start = useCommand({
    run: (body: ReturnType<typeof bodyOf>, key) =>
      got(
        api.POST("/api/v1/training/configurations/{configuration_id}/activate", {
          params: {
            path: { configuration_id: configuration.id },
            header: { "idempotency-key": key },
          },
          body,
        }),
      ),
    touches: [...TOUCHES, "wallets"],
    done: () => t("activate.done", { name }),
  });
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (wallet === undefined || start.isPending || warnings.some((one) => one.stops)) return;
    const isMeant = await confirm({
      mode,
      title: t("activate.confirm", { name }),
      text: t(mode === "live" ? "activate.confirmLive" : "activate.confirmText"),
      facts: [
        [t("activate.wallet"), wallet.name],
        [t("activate.amount"), `${money(amount)} ${wallet.quote}`],
      ],
      // What is not proven needs the server's own word for real money.
      name: stage === "MATURE" ? name : LIVE_WORD,
      verb: t("activate.verb"),
    });
    if (isMeant) start.mutate(bodyOf(given, stage), { onSuccess: onClose });
  };
  const stops = warnings.find((one) => one.stops);
  return (
    <Dialog
      open
      look="wide"
      onClose={onClose}
      badge={<ModeBadge mode={mode} />}
      title={t("activate.title", { name })}
    >
      <form className="g c2" onSubmit={(event) => void send(event)}>
        <div className="grid gap-3 content-start">
          <Segments
            fill
            label={t("activate.mode")}
            value={mode}
            onChange={(next) => set({ mode: next, walletId: undefined })}
            options={MODES.toReversed().map((value) => ({
              value,
              label: value.toUpperCase(),
            }))}
          />
          <WalletChoice
            candidates={ofMode}
            chosen={wallet?.id ?? ""}
            onChange={(walletId) => set({ walletId })}
          />
          {ofMode.length === 0 && (
            <p className="t2 xs">
              {t("activate.noWallet", { mode })}{" "}
              <Link to="/exchanges">{t("activate.addWallet")}</Link>
            </p>
          )}
          <Money
            configuration={configuration}
            wallet={wallet}
            given={given}
            connections={connections}
            onChange={set}
          />
        </div>
        <div className="grid gap-3 content-start">
          {connection && <ConnectionCheck connection={connection} />}
          <Warnings warnings={warnings} configuration={configuration} wallet={wallet} />
          {start.error && <Problem error={start.error} />}
          <div className="acts">
            <button type="button" className="btn" onClick={onClose}>
              {t("cancel")}
            </button>
            <button
              type="submit"
              className={`btn ${mode === "live" ? "lv" : "primary"}`}
              disabled={wallet === undefined || start.isPending || stops !== undefined}
              title={stops && t(`warnings.${stops.code}`)}
            >
              {start.isPending ? t("asked") : t("activate.verb")}
            </button>
          </div>
        </div>
      </form>
    </Dialog>
  );
}
