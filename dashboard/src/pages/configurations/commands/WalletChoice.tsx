import { useId } from "react";
import { useTranslation } from "react-i18next";
import { money } from "@/format";
import { leftOf, type Wallet, type WhyNot } from "./activation";

type Props = {
  candidates: { wallet: Wallet; why: WhyNot | null }[];
  chosen: string;
  onChange: (walletId: string) => void;
};

/** The wallets of a mode; one that cannot take it stands there with the reason. */
export function WalletChoice({ candidates, chosen, onChange }: Props) {
  const { t } = useTranslation("configurations");
  const id = useId();
  if (candidates.length === 0) return null;
  return (
    <div className="field">
      <label htmlFor={id}>{t("activate.wallet")}</label>
      <select
        id={id}
        className="inp"
        required
        value={chosen}
        onChange={({ target }) => onChange(target.value)}
      >
        {chosen === "" && <option value="">{t("activate.noneFits")}</option>}
        {candidates.map(({ wallet, why }) => (
          <option key={wallet.id} value={wallet.id} disabled={why !== null}>
            {why === null
              ? t("activate.left", {
                  name: wallet.name,
                  amount: money(leftOf(wallet)),
                  quote: wallet.quote,
                })
              : t("activate.cannot", { name: wallet.name, why: t(`whyNot.${why}`) })}
          </option>
        ))}
      </select>
    </div>
  );
}
