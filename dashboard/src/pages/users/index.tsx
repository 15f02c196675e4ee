/** Who may sign in, which programs hold a key, and every command that was given. */
import { useTranslation } from "react-i18next";
import { PageHead } from "@/app/PageHead";
import { useMay, useSession } from "@/app/session";
import { AuditTrail } from "./AuditTrail";
import { Keys } from "./Keys";
import { Password } from "./Password";
import { Users as UserTable } from "./Users";

export default function Users() {
  const { t } = useTranslation("users");
  const isAdmin = useMay("admin");
  const session = useSession();
  return (
    <>
      <PageHead title={t("title")}>
        <span className="t3 xs sp">
          {session.user &&
            t("you", { name: session.user.username, role: t(`roles.${session.user.role}`) })}
        </span>
      </PageHead>
      <div className="g side-384">
        <div className="g stack">
          {isAdmin && <UserTable />}
          <Keys />
          {isAdmin && <AuditTrail />}
        </div>
        <Password />
      </div>
    </>
  );
}
