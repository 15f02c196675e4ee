/**
 * Which wallet the page looks at. Every amount stands under a mode, and amounts of different modes
 * are never added: so one wallet, or all of one mode, is chosen, and kept in the browser.
 */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { create } from "zustand";
import { persist } from "zustand/middleware";
import type { Shapes } from "@/api/client";
import { activations, wallets } from "@/api/queries";
import { MODES, type Mode } from "@/parts/badges";

export type Wallet = Shapes["WalletShape"];

type Chosen = { mode: Mode | null; walletId: string | null };
const useChosen = create<Chosen>()(
  persist<Chosen>(() => ({ mode: null, walletId: null }), { name: "tp.scope" }),
);

export function chooseMode(mode: Mode): void {
  useChosen.setState({ mode, walletId: null });
}

export function chooseWallet(wallet: Wallet): void {
  useChosen.setState({ mode: wallet.mode as Mode, walletId: wallet.id });
}

export type Scope = {
  mode: Mode;
  /** Of the mode in view. */
  wallets: Wallet[];
  wallet: Wallet | null;
  all: Wallet[];
  /** Modes that have a wallet, live first. */
  modes: Mode[];
  quote: string;
  /** Activations that run with real money while another mode is in view. */
  liveElsewhere: number;
  isPending: boolean;
};

const NONE: Wallet[] = [];

export function useScope(): Scope {
  const chosen = useChosen();
  const asked = useQuery(wallets());
  const running = useQuery(activations({ is_running: true }));
  const all = asked.data ?? NONE;
  return useMemo(() => {
    const modes = MODES.filter((mode) => all.some((wallet) => wallet.mode === mode));
    // The first look: real money first, then the wallet that something trades on.
    const busy = new Set(running.data?.map((activation) => activation.wallet_id));
    const first =
      modes.find((mode) => all.some((wallet) => wallet.mode === mode && busy.has(wallet.id))) ??
      modes[0];
    const mode =
      chosen.mode !== null && modes.includes(chosen.mode) ? chosen.mode : (first ?? "paper");
    const ofMode = all.filter((wallet) => wallet.mode === mode);
    const wallet =
      ofMode.find((one) => one.id === chosen.walletId) ??
      ofMode.find((one) => busy.has(one.id)) ??
      ofMode.at(-1) ??
      null;
    const live = running.data?.filter((activation) => activation.mode === "live").length ?? 0;
    return {
      mode,
      wallets: ofMode,
      wallet,
      all,
      modes,
      quote: wallet?.quote ?? "USDT",
      liveElsewhere: mode === "live" ? 0 : live,
      isPending: asked.isPending,
    };
  }, [all, asked.isPending, chosen, running.data]);
}
