import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asApiError } from "@/api/problem";
import { Icon, Pulse } from "@/parts/Icon";
import { login } from "./session";

/** Name and password; what the server answers is said at the form, never which of both was wrong. */
export function Login() {
  const { t } = useTranslation("frame");
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [failure, setFailure] = useState<string | null>(null);
  const [isPending, setPending] = useState(false);

  const enter = async () => {
    setPending(true);
    setFailure(null);
    try {
      await login(username, password);
    } catch (thrown) {
      const error = asApiError(thrown);
      setFailure(
        error.status === 401
          ? t("login.refused")
          : error.code === "unreachable"
            ? t("unreachable.title")
            : error.message,
      );
      setPending(false);
    }
  };
  return (
    <main className="solo">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void enter();
        }}
      >
        <div className="brand" style={{ padding: 0 }}>
          <Pulse />
          TradePulse
        </div>
        <h1 className="text-xl font-semibold">{t("login.title")}</h1>
        <div className="field">
          <label htmlFor="username">{t("login.username")}</label>
          <input
            id="username"
            className="inp"
            autoComplete="username"
            // biome-ignore lint/a11y/noAutofocus: the page has nothing else to do
            autoFocus
            required
            value={username}
            onChange={(event) => setUsername(event.target.value)}
          />
        </div>
        <div className="field">
          <label htmlFor="password">{t("login.password")}</label>
          <input
            id="password"
            className="inp"
            type="password"
            autoComplete="current-password"
            required
            value={password}
            aria-invalid={failure !== null}
            aria-describedby={failure === null ? undefined : "failure"}
            onChange={(event) => setPassword(event.target.value)}
          />
        </div>
        {failure !== null && (
          <p id="failure" role="alert" className="row crit">
            <Icon name="warn" />
            {failure}
          </p>
        )}
        <button type="submit" className="btn primary min-h-9" disabled={isPending}>
          {t("login.enter")}
        </button>
        <p className="t3 xs">{t("login.first")}</p>
      </form>
    </main>
  );
}
