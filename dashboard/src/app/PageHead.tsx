import type { ReactNode } from "react";

/** The head of a page: its title takes the focus when one comes here. */
export function PageHead({ title, children }: { title: ReactNode; children?: ReactNode }) {
  return (
    <div className="head">
      <h1 tabIndex={-1}>{title}</h1>
      {children}
    </div>
  );
}
