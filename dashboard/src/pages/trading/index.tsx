/** What is open, what was ordered, what came of it; and trading by hand. One wallet at a time. */
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PageHead } from "@/app/PageHead";
import { usePageObject, usePageSearch } from "@/app/router";
import { useScope } from "@/app/scope";
import { useMay } from "@/app/session";
import { Icon } from "@/parts/Icon";
import { Segments } from "@/parts/Segments";
import { ActivationMenu } from "./ActivationMenu";
import { ManualOrder } from "./ManualOrder";
import { OrderDrawer } from "./OrderDrawer";
import { Orders } from "./Orders";
import { Positions } from "./Positions";
import { Trades } from "./Trades";

const TABS = ["positions", "orders", "trades"] as const;
type Tab = (typeof TABS)[number];

export default function Trading() {
  const { t } = useTranslation("trading");
  const { wallet } = useScope();
  const [search, setSearch] = usePageSearch<{ tab: Tab; position: string; by: string }>();
  const orderId = usePageObject();
  const navigate = useNavigate();
  const mayTrade = useMay("operator");
  const [isOrdering, setOrdering] = useState(false);
  const tab = TABS.find((one) => one === search.tab) ?? (orderId ? "orders" : "positions");
  const show = (id: string | null) =>
    void navigate({ to: id === null ? "/trading" : `/trading/${id}`, search: { ...search, tab } });
  return (
    <>
      <PageHead title={t("title")}>
        <Segments<Tab>
          label={t("view")}
          value={tab}
          onChange={(next) => setSearch({ tab: next })}
          options={TABS.map((value) => ({ value, label: t(`tabs.${value}`) }))}
        />
        {mayTrade && (
          <span className="sp row">
            <ActivationMenu wallet={wallet} />
            <button
              type="button"
              className="btn primary"
              disabled={wallet === null}
              title={wallet === null ? t("noWallet") : undefined}
              onClick={() => setOrdering(true)}
            >
              <Icon name="plus" size="s" />
              {t("manual.open")}
            </button>
          </span>
        )}
      </PageHead>
      {tab === "positions" && <Positions wallet={wallet} chosen={search.position} />}
      {tab === "orders" && <Orders wallet={wallet} onOpen={show} />}
      {tab === "trades" && <Trades wallet={wallet} onOpen={show} />}
      {orderId !== undefined && <OrderDrawer id={orderId} onClose={() => show(null)} />}
      {isOrdering && wallet !== null && (
        <ManualOrder wallet={wallet} onClose={() => setOrdering(false)} />
      )}
    </>
  );
}
