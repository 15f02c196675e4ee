import { useTranslation } from "react-i18next";
import { money } from "@/format";
import { Icon } from "@/parts/Icon";
import type { Configuration } from "../queries";
import { capOf, leftOf, type Wallet, type Warning } from "./activation";

type Props = { warnings: Warning[]; configuration: Configuration; wallet: Wallet | undefined };

/** What speaks against it, in plain words; what would be refused first. */
export function Warnings({ warnings, configuration, wallet }: Props) {
  const { t } = useTranslation("configurations");
  const required = configuration.evidence.filter((one) => one.required);
  const cap = wallet && capOf(configuration.lifecycle_stage, wallet);
  return (
    <section className="grid gap-2" aria-label={t("warnings.title")}>
      {warnings.length === 0 ? (
        <p className="row t2">
          <Icon name="good" className="pos" />
          {t("warnings.none")}
        </p>
      ) : (
        <ul className="warns">
          {warnings.map(({ code, stops }) => (
            <li key={code}>
              <Icon name={stops ? "bad" : "warn"} size="s" className={stops ? "crit" : "warn"} />
              <span>
                {t(`warnings.${code}`, {
                  unmet: required.filter((one) => !one.passed).length,
                  count: required.length,
                  stage: configuration.lifecycle_stage,
                  left: wallet ? money(leftOf(wallet)) : "–",
                  cap: cap == null ? "–" : money(cap),
                  quote: wallet?.quote ?? "",
                })}
              </span>
            </li>
          ))}
        </ul>
      )}
      <p className="t3 xs">{t("activate.after")}</p>
    </section>
  );
}
