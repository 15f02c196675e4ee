/** Commands, pages, objects, by typing. What is dangerous opens its dialog; nothing runs from here. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { configurationList } from "@/api/names";
import { activations, wallets } from "@/api/queries";
import { type Mode, ModeBadge, type Stage, StageBadge } from "@/parts/badges";
import { Icon, type IconName } from "@/parts/Icon";
import { nextTheme } from "./look";
import { close, open, useOpen } from "./open";
import { pages } from "./pages";
import { chooseWallet, type Wallet } from "./scope";
import { may, useSession } from "./session";

type Entry = { group: string; label: string; icon: IconName; end?: ReactNode; run: () => void };

export function Palette() {
  const isOpen = useOpen((state) => state.window === "palette");
  return isOpen ? <Opened /> : null;
}

function useEntries(): Entry[] {
  const { t } = useTranslation("frame");
  const navigate = useNavigate();
  const user = useSession((session) => session.user);
  const known = useQuery(wallets()).data;
  const running = useQuery(activations({ is_running: true })).data;
  const listed = useQuery(configurationList()).data;
  return useMemo(() => {
    const go = (to: string) => void navigate({ to });
    const places: Entry[] = pages
      .filter((page) => may(user, page.role ?? "viewer"))
      .map(({ id, path, icon, key }) => ({
        group: t("palette.pages"),
        label: t(`pages.${id}`),
        icon,
        end: key && <span className="t3">G {key.toUpperCase()}</span>,
        run: () => go(path),
      }));
    const commands: Entry[] = [
      { group: t("palette.commands"), label: t("palette.theme"), icon: "sun", run: nextTheme },
      {
        group: t("palette.commands"),
        label: t("look.title"),
        icon: "settings",
        run: () => open("look"),
      },
      {
        group: t("palette.commands"),
        label: t("help.title"),
        icon: "info",
        run: () => open("help"),
      },
    ];
    if (may(user, "operator")) {
      commands.unshift({
        group: t("palette.commands"),
        label: t("strip.kill"),
        icon: "kill",
        run: () => open("kill"),
      });
    }
    const badge = (mode: string) => <ModeBadge mode={mode as Mode} small />;
    const walletEntries: Entry[] = (known ?? []).map((wallet: Wallet) => ({
      group: t("palette.wallets"),
      label: wallet.name,
      icon: "users",
      end: badge(wallet.mode),
      run: () => chooseWallet(wallet),
    }));
    const modeOf = new Map(running?.map((one) => [one.configuration_id, one.mode]));
    const configurations: Entry[] = (listed ?? []).map((one) => ({
      group: t("palette.configurations"),
      label: `${one.strategy_name} ${one.pair} ${one.interval}, ${one.id.slice(0, 8)}`,
      icon: "configurations",
      end: modeOf.has(one.id) ? (
        badge(modeOf.get(one.id) ?? "paper")
      ) : (
        <StageBadge stage={one.lifecycle_stage as Stage} />
      ),
      run: () => go(`/configurations/${one.id}`),
    }));
    return [...commands, ...places, ...walletEntries, ...configurations];
  }, [known, listed, navigate, running, t, user]);
}

function Opened() {
  const { t } = useTranslation("frame");
  const entries = useEntries();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const wanted = typed.trim().toLowerCase();
  // "ema btc" finds ema_cross on BTC/USDT: every word counts, in any order.
  const words = wanted.split(/\s+/);
  const found = entries
    .filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)))
    .slice(0, 30);
  const chosen = Math.min(at, found.length - 1);

  const run = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    close();
    entry.run();
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setAt((chosen + step + found.length) % Math.max(found.length, 1));
    else if (event.key === "Enter") run(found[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Radix.Root open onOpenChange={close}>
      <Radix.Portal>
        <div className="scrim" />
        <Radix.Content className="dialog palette" data-floats="modal" aria-describedby={undefined}>
          <Radix.Title className="sr">{t("strip.search")}</Radix.Title>
          <div className="ps">
            <Icon name="search" className="t3" />
            <input
              role="combobox"
              aria-expanded="true"
              aria-controls={id}
              aria-activedescendant={found.length > 0 ? `${id}-${chosen}` : undefined}
              aria-label={t("strip.search")}
              value={typed}
              placeholder={t("palette.placeholder")}
              onChange={(event) => {
                setTyped(event.target.value);
                setAt(0);
              }}
              onKeyDown={onKeyDown}
            />
            <kbd>Esc</kbd>
          </div>
          <div className="pl" role="listbox" id={id} aria-label={t("strip.search")}>
            {found.map((entry, index) => (
              <div
                key={`${entry.group}/${entry.label}/${index}`}
                className="contents"
                role="presentation"
              >
                {entry.group !== found[index - 1]?.group && (
                  <div className="g1" role="presentation">
                    {entry.group}
                  </div>
                )}
                <div
                  id={`${id}-${index}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === chosen}
                  className="opt"
                  onPointerMove={() => setAt(index)}
                  onClick={() => run(entry)}
                  onKeyDown={() => undefined}
                >
                  <Icon name={entry.icon} className="t3" />
                  <span>{entry.label}</span>
                  {entry.end}
                </div>
              </div>
            ))}
            {found.length === 0 && <p className="t3 p-2">{t("palette.none")}</p>}
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
