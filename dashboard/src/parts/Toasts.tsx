import { useTranslation } from "react-i18next";
import { Icon, type IconName } from "./Icon";
import { dismiss, type Shown, useToasts } from "./toast";

const LOOK: Record<Shown["tone"], [IconName, string]> = {
  good: ["good", "pos"],
  note: ["info", "t2"],
  warning: ["warn", "warn"],
  critical: ["kill", "crit"],
};

/** Critical messages interrupt a screen reader, the others wait for a pause. */
export function Toasts() {
  const items = useToasts((state) => state.items);
  return (
    <div className="toasts">
      <div aria-live="polite" className="contents">
        {items
          .filter((i) => i.tone !== "critical")
          .map((item) => (
            <Message key={item.id} item={item} />
          ))}
      </div>
      <div aria-live="assertive" className="contents">
        {items
          .filter((i) => i.tone === "critical")
          .map((item) => (
            <Message key={item.id} item={item} />
          ))}
      </div>
    </div>
  );
}

function Message({ item }: { item: Shown }) {
  const { t } = useTranslation("frame");
  const [icon, tone] = LOOK[item.tone];
  return (
    <div className={`tst ${tone}`}>
      <Icon name={icon} />
      <div>
        <b>{item.title}</b>
        {item.detail && <small>{item.detail}</small>}
        {item.code && <small className="mono t3">{item.code}</small>}
        {item.action && (
          <button
            type="button"
            className="lnk xs"
            onClick={() => {
              item.action?.run();
              dismiss(item.id);
            }}
          >
            {item.action.label}
          </button>
        )}
      </div>
      <button
        type="button"
        className="btn ghost icon"
        aria-label={t("dismiss")}
        onClick={() => dismiss(item.id)}
      >
        <Icon name="close" size="s" />
      </button>
    </div>
  );
}
