import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { alerts, positions } from "@/api/queries";
import { Icon, Pulse } from "@/parts/Icon";
import { open } from "./open";
import { GROUPS, type PageId, pages } from "./pages";
import { useScope } from "./scope";
import { may, useSession } from "./session";

/** Counts beside a page's name: open positions of the wallet, alerts nobody has read. */
export function useBadges(): Partial<Record<PageId, { count: number; hot?: boolean }>> {
  const { wallet } = useScope();
  const held = useQuery({
    ...positions({ wallet_id: wallet?.id ?? "" }),
    enabled: wallet !== null,
  });
  const unread = useQuery(alerts({ unread: true }));
  return {
    trading: { count: held.data?.length ?? 0 },
    alerts: { count: unread.data?.length ?? 0, hot: true },
  };
}

export function Rail({ current }: { current: PageId | undefined }) {
  const { t } = useTranslation("frame");
  const user = useSession((session) => session.user);
  const badges = useBadges();
  return (
    <nav className="rail" aria-label={t("rail.label")}>
      <Link className="brand" to="/">
        <Pulse />
        <span>TradePulse</span>
      </Link>
      {GROUPS.map((group) => {
        const shown = pages.filter((p) => p.group === group && may(user, p.role ?? "viewer"));
        return shown.length === 0 ? null : (
          <div key={group}>
            <h2>{t(`rail.${group}`)}</h2>
            {shown.map(({ id, path, icon }) => (
              <Link
                key={id}
                className="item"
                to={path}
                title={t(`pages.${id}`)}
                aria-current={id === current ? "page" : undefined}
                activeProps={{}}
              >
                <Icon name={icon} />
                {t(`pages.${id}`)}
                <Badge {...badges[id]} />
              </Link>
            ))}
          </div>
        );
      })}
      <button type="button" className="who" onClick={() => open("look")}>
        <span className="av" aria-hidden="true">
          {user?.username.slice(0, 2)}
        </span>
        <span>
          <b>{user?.username}</b>
          <small>{user && t(`roles.${user.role}`)}</small>
        </span>
      </button>
    </nav>
  );
}

function Badge({ count = 0, hot = false }: { count?: number; hot?: boolean }) {
  return count > 0 ? <span className={`n ${hot ? "hot" : ""}`}>{count}</span> : null;
}
