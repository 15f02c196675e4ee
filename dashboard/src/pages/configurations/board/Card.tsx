import { Link } from "@tanstack/react-router";
import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { acts } from "@/app/keys";
import { count, ratio } from "@/format";
import { Icon } from "@/parts/Icon";
import { Menu, type MenuItem } from "@/parts/Menu";
import { Sparkline } from "@/parts/Sparkline";
import { nameOf, type Row, shortId } from "../rows";
import { CardFoot } from "./CardFoot";

type Props = {
  row: Row;
  isPicked: boolean;
  onPick: (id: string) => void;
  /** None for who may not command. */
  items: MenuItem[];
};

/** A configuration on the board: the link covers the card, what can be pressed lies over it. */
export function Card({ row, isPicked, onPick, items }: Props) {
  const { t } = useTranslation("configurations");
  const { configuration: c, figures } = row;
  const name = nameOf(c);
  const [isOpen, setOpen] = useState(false);
  const keys = { x: () => onPick(c.id), ".": () => setOpen(items.length > 0) };
  return (
    <li
      className={`cfg ${isPicked ? "on" : ""}`}
      data-card={c.id}
      onKeyDown={(event) => press(event, keys)}
    >
      <div className="row" style={{ gap: 6 }}>
        <Link
          className="whole ell"
          to={`/configurations/${c.id}`}
          aria-label={t("card.open", { name, id: shortId(c.id) })}
        >
          {c.strategy_name}
        </Link>
        <span className="sp row over" style={{ gap: 0 }}>
          <Actions name={name} items={items} open={isOpen} onOpen={setOpen} />
          <label className="pickbox">
            <input
              type="checkbox"
              className="check"
              checked={isPicked}
              aria-label={t("card.pick", { name, id: shortId(c.id) })}
              onChange={() => onPick(c.id)}
            />
          </label>
        </span>
      </div>
      <div className="mid">
        <span className="t3 min-w-0">
          <span className="ell block">{c.pair}</span>
          {c.interval} <span className="mono">{shortId(c.id)}</span>
        </span>
        <Sparkline values={figures?.curve ?? []} width={78} height={28} tone="text" />
      </div>
      <dl>
        <div>
          <dt>{t("card.expect")}</dt>
          <dd>{ratio(figures?.expected_live_sharpe)}</dd>
        </div>
        <div>
          <dt>{t("card.deflated")}</dt>
          <dd>{ratio(figures?.deflated_sharpe)}</dd>
        </div>
        <div className="r">
          <dt>{t("card.tries")}</dt>
          <dd>{count(c.trials)}</dd>
        </div>
      </dl>
      <CardFoot row={row} />
    </li>
  );
}

/** One that trades no more: its name, and why. */
export function MiniCard({ row, items }: Omit<Props, "isPicked" | "onPick">) {
  const { t } = useTranslation("configurations");
  const { t: told } = useTranslation("evidence");
  const { configuration: c } = row;
  const name = nameOf(c);
  const [isOpen, setOpen] = useState(false);
  const byHand = c.evidence.find((one) => one.rule === "retired_by_hand");
  const failed = c.evidence.find((one) => one.required && !one.passed);
  const why =
    byHand?.note ??
    (failed === undefined
      ? ""
      : told(`rules.${failed.rule}.title`, { defaultValue: failed.rule.replaceAll("_", " ") }));
  return (
    <li
      className="cfg mini"
      data-card={c.id}
      onKeyDown={(event) => press(event, { ".": () => setOpen(items.length > 0) })}
    >
      <div className="row" style={{ gap: 6 }}>
        <Link
          className="whole ell"
          to={`/configurations/${c.id}`}
          aria-label={t("card.open", { name, id: shortId(c.id) })}
        >
          {c.strategy_name}
        </Link>
        <span className="t3 mono xs">{shortId(c.id)}</span>
        <span className="sp over">
          <Actions name={name} items={items} open={isOpen} onOpen={setOpen} />
        </span>
      </div>
      <small>
        {c.pair} {c.interval}
      </small>
      {why !== "" && <small>{why}</small>}
    </li>
  );
}

function Actions(props: {
  name: string;
  items: MenuItem[];
  open: boolean;
  onOpen: (open: boolean) => void;
}) {
  const { t } = useTranslation("configurations");
  const label = t("card.actions", { name: props.name });
  if (props.items.length === 0) return null;
  return (
    <Menu label={label} items={props.items} open={props.open} onOpen={props.onOpen}>
      <button type="button" className="btn ghost icon" aria-label={label}>
        <Icon name="more" />
      </button>
    </Menu>
  );
}

/** The letters that act on a card: not in a field, and not where letters are turned off. */
function press(event: KeyboardEvent, keys: Record<string, () => void>): void {
  const act = keys[event.key.toLowerCase()];
  if (act === undefined || !acts(event.nativeEvent)) return;
  act();
  event.preventDefault();
  event.stopPropagation();
}
