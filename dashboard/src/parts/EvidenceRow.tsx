import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "./Icon";

type Props = {
  state: "met" | "note" | "unmet";
  name: string;
  /** One plain sentence: what the rule asks. */
  plain: ReactNode;
  value: ReactNode;
  threshold: ReactNode;
  /** Formula and inputs, opened by the reader. */
  children?: ReactNode;
};

const LOOK = { met: ["good", "pos"], note: ["info", "warn"], unmet: ["bad", "neg"] } as const;

/** A rule with what it asked for and what it saw. */
export function EvidenceRow(props: Props) {
  const { t } = useTranslation("parts");
  const [icon, tone] = LOOK[props.state];
  const line = (
    <>
      <Icon name={icon} className={tone} label={t(`evidence.${props.state}`)} />
      <span className="what">{props.name}</span>
      <span className={`got ${props.state === "met" ? "" : tone}`}>{props.value}</span>
      <span className="plain">{props.plain}</span>
      <span className="asked">{props.threshold}</span>
    </>
  );
  if (props.children == null) {
    return (
      <div className="ev">
        <div className="line">{line}</div>
      </div>
    );
  }
  return (
    <details className="ev">
      <summary>{line}</summary>
      <div className="more">{props.children}</div>
    </details>
  );
}
