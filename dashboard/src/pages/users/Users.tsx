import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Shapes } from "@/api/client";
import { useCommand } from "@/api/command";
import { type Role, useSession } from "@/app/session";
import { date } from "@/format";
import { confirm } from "@/parts/confirm";
import { type DataColumn, DataTable } from "@/parts/DataTable";
import { Dialog } from "@/parts/Dialog";
import type { MenuItem } from "@/parts/Menu";
import { Panel } from "@/parts/Panel";
import { users } from "./query";

type User = Shapes["UserShape"];
const ROLES: readonly Role[] = ["viewer", "operator", "admin"];

export function Users() {
  const { t } = useTranslation("users");
  const asked = useQuery(users());
  const me = useSession((session) => session.user?.id);
  const [isAdding, setAdding] = useState(false);
  const change = useCommand({
    run: ({ user, ...body }: { user: User; role?: Role; disabled?: boolean }) =>
      got(api.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: user.id } }, body })),
    touches: ["users"],
    done: (user) => t("changed", { name: user.username }),
  });
  const columns = useMemo<DataColumn<User>[]>(
    () => [
      {
        id: "name",
        head: t("user.name"),
        phone: true,
        sort: (u) => u.username,
        cell: (u) => <span className="name">{u.username}</span>,
      },
      {
        id: "role",
        head: t("user.role"),
        phone: true,
        sort: (u) => ROLES.indexOf(u.role),
        cell: (u) => t(`roles.${u.role}`),
      },
      {
        id: "state",
        head: t("user.state"),
        phone: true,
        sort: (u) => u.disabled_at ?? 0,
        cell: (u) => (
          <span className={u.disabled_at === null ? "" : "warn"}>
            {t(u.disabled_at === null ? "user.active" : "user.disabled")}
          </span>
        ),
      },
      {
        id: "since",
        head: t("user.since"),
        numeric: true,
        sort: (u) => u.created_at,
        cell: (u) => date(u.created_at),
      },
    ],
    [t],
  );
  const actions = (user: User): MenuItem[] => {
    const why = user.id === me ? t("user.self") : undefined;
    const roles = ROLES.filter((role) => role !== user.role).map((role) => ({
      label: t("user.make", { role: t(`roles.${role}`) }),
      run: () => change.mutate({ user, role }),
      why,
    }));
    const isOut = user.disabled_at !== null;
    return [
      ...roles,
      "line",
      {
        label: t(isOut ? "user.enable" : "user.disable"),
        danger: !isOut,
        why,
        run: async () => {
          const isMeant =
            isOut ||
            (await confirm({
              mode: "paper",
              always: true,
              title: t("user.disableTitle", { name: user.username }),
              text: t("user.disableText"),
              name: user.username,
              verb: t("user.disable"),
            }));
          if (isMeant) change.mutate({ user, disabled: !isOut });
        },
      },
    ];
  };
  return (
    <Panel
      title={t("users")}
      meta={asked.data?.length ?? null}
      query={asked}
      error={{ what: t("unread") }}
      action={
        <button type="button" className="btn sp" onClick={() => setAdding(true)}>
          {t("user.add")}
        </button>
      }
    >
      <DataTable
        id="users"
        label={t("users")}
        columns={columns}
        rows={asked.data ?? []}
        rowKey={(user) => user.id}
        actions={actions}
      />
      <AddUser open={isAdding} onClose={() => setAdding(false)} />
    </Panel>
  );
}

function AddUser({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation("users");
  const [given, setGiven] = useState({ username: "", password: "", role: "viewer" as Role });
  const add = useCommand({
    run: () => got(api.POST("/api/v1/users", { body: given })),
    touches: ["users"],
    done: (user) => {
      setGiven({ username: "", password: "", role: "viewer" });
      onClose();
      return t("user.added", { name: user.username });
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!add.isPending) add.mutate(undefined);
  };
  return (
    <Dialog open={open} onClose={onClose} title={t("user.add")}>
      <form className="grid gap-3" onSubmit={send}>
        <label className="field">
          <span className="lab">{t("user.name")}</span>
          <input
            className="inp"
            required
            autoComplete="off"
            value={given.username}
            onChange={(event) => setGiven({ ...given, username: event.target.value })}
          />
        </label>
        <label className="field">
          <span className="lab">{t("password.new")}</span>
          <input
            className="inp"
            type="password"
            required
            autoComplete="new-password"
            value={given.password}
            onChange={(event) => setGiven({ ...given, password: event.target.value })}
          />
        </label>
        <label className="field">
          <span className="lab">{t("user.role")}</span>
          <select
            className="inp"
            value={given.role}
            onChange={(event) => setGiven({ ...given, role: event.target.value as Role })}
          >
            {ROLES.map((role) => (
              <option key={role} value={role}>
                {t(`roles.${role}`)}
              </option>
            ))}
          </select>
          <span className="hint">{t(`may.${given.role}`)}</span>
        </label>
        <div className="acts">
          <button type="button" className="btn" onClick={onClose}>
            {t("cancel")}
          </button>
          <button type="submit" className="btn primary" disabled={add.isPending}>
            {t("user.addVerb")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
